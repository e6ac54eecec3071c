import CPNG

/// Writes a picture of 8-bit RGB pixels to an open file, row by row.
@safe public final class PNGWriter {
    private let writer: OpaquePointer
    private let file: String
    private let width: Int
    private let height: Int
    private var rows = 0

    /// - Parameters:
    ///   - descriptor: An open file, which stays the caller's.
    ///   - file: The name that errors show.
    ///   - text: Text chunks: keywords of ASCII (1 to 79 characters) and what they say, without NUL.
    public init(
        descriptor: Int32, file: String, width: Int, height: Int,
        text: [(keyword: String, value: String)] = []
    ) throws(PNGError) {
        guard let pngWidth = UInt32(exactly: width), let pngHeight = UInt32(exactly: height) else {
            throw .size(width: width, height: height)
        }
        var error = cpng_error()
        guard let writer = unsafe cpng_writer_open(descriptor, pngWidth, pngHeight, &error) else {
            throw .cannotWrite(file: file, reason: error.reason)
        }
        unsafe self.writer = unsafe writer
        self.file = file
        self.width = width
        self.height = height
        for (keyword, value) in text {
            let isInternational = value.utf8.contains { $0 >= 0x80 } ? Int32(1) : 0
            guard unsafe cpng_writer_text(writer, keyword, value, isInternational) != 0 else {
                throw failure()
            }
        }
    }

    deinit {
        unsafe cpng_writer_close(writer)
    }

    /// Writes the next rows.
    ///
    /// - Precondition: `pixels` holds whole rows, and no more than are left.
    public func write(rows pixels: ArraySlice<UInt8>) throws(PNGError) {
        let rowBytes = 3 * width
        precondition(pixels.count.isMultiple(of: rowBytes) && rows + pixels.count / rowBytes <= height)
        for start in stride(from: pixels.startIndex, to: pixels.endIndex, by: rowBytes) {
            let isWritten = unsafe pixels[start..<start + rowBytes].withUnsafeBufferPointer { row in
                unsafe cpng_writer_row(writer, row.baseAddress) != 0
            }
            guard isWritten else { throw failure() }
            rows += 1
        }
    }

    /// Writes the end of the file. Syncing and closing it are the caller's.
    ///
    /// - Precondition: All rows are written.
    public func finish() throws(PNGError) {
        precondition(rows == height)
        guard unsafe cpng_writer_finish(writer) != 0 else { throw failure() }
    }

    private func failure() -> PNGError {
        let error = unsafe cpng_writer_error(writer)
        return .cannotWrite(file: file, reason: error.reason)
    }
}

extension RGBImage {
    /// Writes the picture as a PNG to an open file.
    public func writePNG(
        to descriptor: Int32, file: String, text: [(keyword: String, value: String)] = []
    ) throws(PNGError) {
        let writer = try PNGWriter(
            descriptor: descriptor, file: file, width: width, height: height, text: text)
        try writer.write(rows: pixels[...])
        try writer.finish()
    }
}
