import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// All of standard input.
func readStandardInput(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe piece.withUnsafeMutableBytes {
            unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
        }
        if count < 0 {
            let code = errno
            try Interruption.check()
            if code == EINTR { continue }
            throw FileError.unreadable(path: "standard input", code: code)
        }
        if count == 0 { return bytes }
        bytes += piece[..<count]
        guard bytes.count <= limit else {
            throw FileError.tooLarge(path: "standard input", size: bytes.count, limit: limit)
        }
    }
}
