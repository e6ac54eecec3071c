import CPNG

/// Encodes a picture of 8-bit RGB pixels as a PNG, row by row.
@safe public final class PNGWriter {
    private let writer: OpaquePointer
    private let fault = PNGFault()
    private let width: Int
    private let height: Int
    private var rows = 0

    /// - Parameter text: Text chunks: keywords of ASCII (1 to 79 characters) and what they say, without NUL.
    public init(width: Int, height: Int, text: [(keyword: String, value: String)] = []) throws(PNGError) {
        guard let pngWidth = UInt32(exactly: width), let pngHeight = UInt32(exactly: height) else {
            throw .size(width: width, height: height)
        }
        guard let writer = unsafe cpng_writer_open(pngWidth, pngHeight, fault.error) else {
            throw .encoding(reason: fault.reason)
        }
        unsafe self.writer = unsafe writer
        self.width = width
        self.height = height
        for (keyword, value) in text {
            let isInternational: Int32 = value.utf8.contains { $0 >= 0x80 } ? 1 : 0
            guard unsafe cpng_writer_text(writer, keyword, value, isInternational) != 0 else {
                throw .encoding(reason: fault.reason)
            }
        }
    }

    deinit {
        unsafe cpng_writer_close(writer)
    }

    /// Encodes the next rows, and returns what is ready of the file behind what was returned before.
    ///
    /// - Precondition: `pixels` holds whole rows, and no more than are left.
    public func encode(rows pixels: ArraySlice<UInt8>) throws(PNGError) -> [UInt8] {
        let rowBytes = 3 * width
        precondition(pixels.count.isMultiple(of: rowBytes) && rows + pixels.count / rowBytes <= height)
        for start in stride(from: pixels.startIndex, to: pixels.endIndex, by: rowBytes) {
            let isEncoded = unsafe pixels[start..<start + rowBytes].withUnsafeBufferPointer { row in
                unsafe cpng_writer_row(writer, row.baseAddress) != 0
            }
            guard isEncoded else { throw .encoding(reason: fault.reason) }
            rows += 1
        }
        return takeBytes()
    }

    /// The end of the file.
    ///
    /// - Precondition: All rows are encoded.
    public func finish() throws(PNGError) -> [UInt8] {
        precondition(rows == height)
        guard unsafe cpng_writer_finish(writer) != 0 else { throw .encoding(reason: fault.reason) }
        return takeBytes()
    }

    private func takeBytes() -> [UInt8] {
        var count = 0
        let bytes = unsafe cpng_writer_bytes(writer, &count)
        defer { unsafe cpng_writer_clear(writer) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}

extension RGBImage {
    /// The picture as a PNG file.
    ///
    /// - Parameter text: Text chunks: keywords of ASCII (1 to 79 characters) and what they say, without NUL.
    public func png(text: [(keyword: String, value: String)] = []) throws(PNGError) -> [UInt8] {
        let writer = try PNGWriter(width: width, height: height, text: text)
        return try writer.encode(rows: pixels[...]) + writer.finish()
    }
}
