import SanaEdge
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    final class Counts: Sendable {
        let values: Mutex<[Int]>
        init(_ count: Int) { values = Mutex([Int](repeating: 0, count: count)) }
    }

    final class Total: Sendable {
        private let value = Atomic<Int>(0)
        func add(_ part: Int) { value.add(part, ordering: .relaxed) }
        var sum: Int { value.load(ordering: .relaxed) }
    }

    @Test(arguments: [1, 2, 3, 16, 256])
    func eachPartRunsOnce(threads: Int) {
        let compute = Compute(threads: threads, tier: .fastest)
        for count in [0, 1, 2, 3, 100, 1000] {
            let counts = Counts(count)
            compute.parallel(count) { index in counts.values.withLock { $0[index] += 1 } }
            #expect(counts.values.withLock { $0.allSatisfy { $0 == 1 } })
        }
    }

    @Test func manySmallPiecesOfWorkAllFinish() {
        let compute = Compute(threads: 4, tier: .fastest)
        let total = Total()
        for _ in 0..<5000 { compute.parallel(5) { total.add($0) } }
        #expect(total.sum == 50000)
    }

    @Test func callersFromSeveralThreadsWaitForEachOther() async {
        let compute = Compute(threads: 3, tier: .fastest)
        let total = Total()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 { compute.parallel(7) { total.add($0) } }
                }
            }
        }
        #expect(total.sum == 8 * 100 * 21)
    }

    @Test func poolsEndWithTheirOwner() {
        for _ in 0..<50 { Compute(threads: 8, tier: .fastest).parallel(8) { _ in } }
    }
}
