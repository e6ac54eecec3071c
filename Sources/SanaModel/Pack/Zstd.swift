import CZstd
import Synchronization

/// A zstd compression context. Whoever took it out of the pool is its only user.
@safe final class ZstdCompressor: @unchecked Sendable {
    /// Measured on int8 rows and on byte planes of 16-bit weights: no level up to 19 saves 0.3 % more, and
    /// this one is the fastest that codes literals.
    private static let level: Int32 = 1

    private let context: OpaquePointer

    init() throws(PackWriteError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw .compression("out of memory") }
        unsafe self.context = context
        for (parameter, value) in [
            (ZSTD_c_compressionLevel, Self.level), (ZSTD_c_checksumFlag, 1), (ZSTD_c_contentSizeFlag, 1),
        ] {
            let code = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
            guard ZSTD_isError(code) == 0 else { throw .compression(zstdMessage(code)) }
        }
    }

    deinit {
        unsafe ZSTD_freeCCtx(context)
    }

    /// One frame that holds `bytes`, with its size and checksum.
    func frame(_ bytes: [UInt8]) throws(PackWriteError) -> [UInt8] {
        var code = 0
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) {
            target, count in
            code = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_compress2(
                    context, target.baseAddress, target.count, source.baseAddress, source.count)
            }
            count = ZSTD_isError(code) == 0 ? code : 0
        }
        guard ZSTD_isError(code) == 0 else { throw .compression(zstdMessage(code)) }
        return frame
    }
}

/// A zstd decompression context with the frame it works on. Whoever took it out of the pool is its only user.
@safe final class ZstdDecompressor: @unchecked Sendable {
    private let context: OpaquePointer
    /// Scratch, reused from chunk to chunk: at most `ChunkPlan.maximumSize` bytes each.
    private var frame: [UInt8] = []
    private(set) var planes: [UInt8] = []

    init() throws(ChunkFault) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .zstd("out of memory") }
        unsafe self.context = context
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// Reads a chunk's frame.
    func load(_ chunk: StoredChunk, from file: FileReader) throws {
        resize(&frame, chunk.storedSize)
        try unsafe frame.withUnsafeMutableBytes { try unsafe file.read(at: chunk.offset, into: $0) }
    }

    /// Fills `planes` with `size` bytes that the frame holds.
    func expandPlanes(size: Int) throws {
        resize(&planes, size)
        try unsafe planes.withUnsafeMutableBytes { try unsafe expand(into: $0) }
    }

    /// Fills `target` with what the frame holds: exactly one frame that says so, and nothing behind it.
    func expand(into target: UnsafeMutableRawBufferPointer) throws {
        let size = frame.count
        try checkHeader()
        let claimed = unsafe ZSTD_getFrameContentSize(frame, size)
        guard claimed == UInt64(target.count) else {
            // The two topmost values mean "not stored" and "no frame".
            throw unsafe ChunkFault.contentSize(
                claimed: claimed < .max - 1 ? claimed : nil, expected: target.count)
        }
        let found = unsafe ZSTD_findFrameCompressedSize(frame, size)
        guard ZSTD_isError(found) == 0 else { throw ChunkFault.zstd(zstdMessage(found)) }
        guard found == size else { throw ChunkFault.frameSize(found: found, expected: size) }
        let written = unsafe ZSTD_decompressDCtx(context, target.baseAddress, target.count, frame, size)
        guard ZSTD_isError(written) == 0 else { throw ChunkFault.zstd(zstdMessage(written)) }
        guard written == target.count else {
            throw unsafe ChunkFault.contentSize(claimed: UInt64(written), expected: target.count)
        }
    }

    /// Holds the frame's own header against what our frames are like (RFC 8878, section 3.1.1).
    private func checkHeader() throws(ChunkFault) {
        guard frame.count >= 6, frame.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { throw .notZstd }
        let descriptor = frame[4]
        guard descriptor & 0x03 == 0 else { throw .dictionary }
        guard descriptor & 0x18 == 0, descriptor & 0x04 != 0 else { throw .noChecksum }
        let isSingleSegment = descriptor & 0x20 != 0
        if !isSingleSegment {
            let base = UInt64(1) << (10 + UInt64(frame[5] >> 3))
            let bytes = base + base / 8 * UInt64(frame[5] & 7)
            guard bytes <= UInt64(2 * ChunkPlan.maximumSize) else { throw .window(bytes: bytes) }
        }
    }

    private func resize(_ scratch: inout [UInt8], _ size: Int) {
        if scratch.count < size {
            scratch.append(contentsOf: repeatElement(0, count: size - scratch.count))
        } else {
            scratch.removeLast(scratch.count - size)
        }
    }
}

/// Contexts that are costly to make, for any number of threads.
final class ContextPool<Context: Sendable>: Sendable {
    private let idle = Mutex<[Context]>([])

    func take<Failure: Error>(orMake make: () throws(Failure) -> Context) throws(Failure) -> Context {
        if let context = idle.withLock({ $0.popLast() }) { return context }
        return try make()
    }

    func giveBack(_ context: Context) {
        idle.withLock { $0.append(context) }
    }
}

private func zstdMessage(_ code: Int) -> String {
    unsafe String(cString: ZSTD_getErrorName(code))
}
