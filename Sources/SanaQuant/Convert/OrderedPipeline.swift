/// Work done by several threads, whose results are taken in order by one.
///
/// At most `width` results exist or are being made at any time, so that memory stays bounded however much work
/// there is. What comes out, errors included, does not depend on the number of threads: the error that is thrown is
/// the first in order.
struct OrderedPipeline: Sendable {
    let width: Int

    /// Calls `produce` for 0 to `count - 1`, several at a time, and hands each result to `consume` in that order.
    func run<Product: Sendable>(
        count: Int, produce: @escaping @Sendable (Int) throws -> Product,
        consume: (Int, Product) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, Result<Product, any Error>).self) { group in
            var started = 0
            func start() {
                guard started < count else { return }
                let index = started
                started += 1
                group.addTask { (index, Result { try produce(index) }) }
            }
            for _ in 0..<width { start() }

            var waiting: [Int: Result<Product, any Error>] = [:]
            var next = 0
            while let (index, result) = try await group.next() {
                waiting[index] = result
                while let result = waiting.removeValue(forKey: next) {
                    try consume(next, try result.get())
                    next += 1
                    start()
                }
            }
        }
    }
}
