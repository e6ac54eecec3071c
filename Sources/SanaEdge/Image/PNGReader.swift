import CPNG

extension RGBImage {
    /// The longest side that a picture to read may have.
    public static let sideLimit = 16384

    /// Reads a PNG from an open file, which stays the caller's. Palettes and gray become RGB, alpha is dropped, 16
    /// bits become 8.
    ///
    /// - Parameter file: The name that errors show.
    public init(pngFrom descriptor: Int32, file: String) throws(PNGError) {
        var error = cpng_error()
        guard let reader = unsafe cpng_reader_open(descriptor, UInt32(Self.sideLimit), &error) else {
            throw PNGError(reading: file, error)
        }
        defer { unsafe cpng_reader_close(reader) }
        let width = unsafe Int(cpng_reader_width(reader))
        let height = unsafe Int(cpng_reader_height(reader))
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        let isRead = unsafe pixels.withUnsafeMutableBufferPointer { pixels in
            unsafe cpng_reader_pixels(reader, pixels.baseAddress) != 0
        }
        guard isRead else { throw PNGError(reading: file, unsafe cpng_reader_error(reader)) }
        self.init(width: width, height: height, pixels: pixels)
    }
}

extension PNGError {
    fileprivate init(reading file: String, _ error: cpng_error) {
        self =
            error.system_error != 0
            ? .cannotRead(file: file, reason: error.reason) : .damaged(file: file, reason: error.reason)
    }
}
