import SanaEdge
import Synchronization

/// Work done by several threads whose results are taken in order by one.
///
/// Two batches at most exist at any time, one being made and one being taken, so that memory stays bounded however
/// much work there is. What comes out, errors included, does not depend on the number of threads: the error that is
/// thrown is the first in order.
package struct OrderedBatches {
    /// Pieces of work for each thread in a batch: enough that threads rarely wait for the last piece.
    private static let piecesPerThread = 8

    private let compute: Compute

    package init(compute: Compute) {
        self.compute = compute
    }

    /// Calls `produce` for each of 0 ..< count, several at a time, and hands each result to `consume` in that order.
    package func run<Product: Sendable>(
        count: Int, produce: @Sendable (Int) throws -> Product, consume: @Sendable (Product) throws -> Void
    ) throws {
        let size = Self.piecesPerThread * compute.threads
        var ready: [Result<Product, any Error>] = []
        var next = 0
        while next < count || !ready.isEmpty {
            let first = next
            next = min(first + size, count)
            let made = Mutex<[Int: Result<Product, any Error>]>([:])
            let taken = Mutex<Result<Void, any Error>>(.success(()))
            compute.parallel(1 + next - first) { [ready] part in
                if part == 0 {
                    let result = Result { for product in ready { try consume(product.get()) } }
                    taken.withLock { $0 = result }
                } else {
                    let product = Result { try produce(first + part - 1) }
                    made.withLock { $0[part] = product }
                }
            }
            try taken.withLock { try $0.get() }
            ready = made.withLock { made in made.sorted { $0.key < $1.key }.map(\.value) }
        }
    }
}
