import SanaModel
import Synchronization

/// Chunks of a component's weights that are still to be read, so that all threads have work until the last of them,
/// whatever the size of each tensor.
final class LoadQueue: Sendable {
    /// Rows of a tensor, and what becomes of them.
    @safe struct Part: Sendable {
        let rows: Range<Int>
        /// Takes some of the rows, counted from the part's first, and their bytes, which are gone afterwards.
        let take: @Sendable (Range<Int>, UnsafeRawPointer) -> Void
    }

    private struct Job {
        let tensor: PackTensor
        let chunk: Int
        let parts: [Part]

        var rows: Range<Int> { tensor.rows(ofChunk: chunk) }
        var byteCount: Int { rows.count * tensor.rowBytes }

        /// Reads the chunk into `memory`, checks it and hands out its rows.
        func run(_ pack: PackReader, _ memory: UnsafeMutableRawPointer) throws {
            try unsafe pack.chunk(
                tensor, chunk, into: UnsafeMutableRawBufferPointer(start: memory, count: byteCount))
            for part in parts {
                let common = part.rows.clamped(to: rows)
                guard !common.isEmpty else { continue }
                let first = part.rows.lowerBound
                unsafe part.take(
                    common.lowerBound - first..<common.upperBound - first,
                    memory + (common.lowerBound - rows.lowerBound) * tensor.rowBytes)
            }
        }
    }

    private let jobs = Mutex<[Job]>([])

    /// Parts that take rows of `tensor` once `run` is called.
    func add(_ tensor: PackTensor, _ parts: [Part]) {
        jobs.withLock { jobs in
            jobs += (0..<tensor.chunkCount).map { Job(tensor: tensor, chunk: $0, parts: parts) }
        }
    }

    /// Reads all chunks, on all threads.
    func run(_ pack: PackReader, on compute: Compute) throws {
        let jobs = jobs.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let failure = Mutex<(any Error)?>(nil)
        let most = jobs.map(\.byteCount).max() ?? 0
        unsafe compute.parallel(jobs.count, scratch: (most + 3) / 4) { index, memory in
            guard failure.withLock({ $0 == nil }) else { return }
            do {
                try unsafe jobs[index].run(pack, memory)
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
