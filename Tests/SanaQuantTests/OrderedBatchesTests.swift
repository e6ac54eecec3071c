import SanaEdge
import SanaQuant
import Synchronization
import Testing

@Suite struct OrderedBatchesTests {
    struct Stop: Error, Equatable {
        let index: Int
    }

    static func batches(threads: Int) throws -> OrderedBatches {
        OrderedBatches(compute: Compute(threads: threads, tier: try Tier.selected()))
    }

    @Test(arguments: [1, 2, 5], [0, 1, 7, 8, 9, 100])
    func resultsComeInOrder(threads: Int, count: Int) throws {
        let taken = Mutex<[Int]>([])
        try Self.batches(threads: threads).run(count: count) {
            $0 * 3
        } consume: { product in
            taken.withLock { $0.append(product) }
        }
        #expect(taken.withLock { $0 } == (0..<count).map { $0 * 3 })
    }

    @Test(arguments: [1, 4])
    func theErrorIsTheFirstInOrder(threads: Int) throws {
        let taken = Mutex(0)
        let error = #expect(throws: Stop.self) {
            try Self.batches(threads: threads).run(count: 200) { index in
                if index % 10 == 7 { throw Stop(index: index) }
            } consume: { _ in
                taken.withLock { $0 += 1 }
            }
        }
        #expect(error == Stop(index: 7))
        #expect(taken.withLock { $0 } == 7)
    }

    @Test func fewResultsWaitAtAnyTime() throws {
        let waiting = Mutex((now: 0, most: 0))
        try Self.batches(threads: 3).run(count: 1000) { index in
            waiting.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        } consume: { _ in
            waiting.withLock { $0.now -= 1 }
        }
        #expect(waiting.withLock { $0.now } == 0)
        #expect(waiting.withLock { $0.most } <= 2 * 8 * 3)
    }

    @Test func errorOfTheConsumerStops() throws {
        let made = Mutex(0)
        #expect(throws: Stop.self) {
            try Self.batches(threads: 2).run(count: 1000) { _ in
                made.withLock { $0 += 1 }
            } consume: { _ in
                throw Stop(index: 0)
            }
        }
        #expect(made.withLock { $0 } < 100)
    }
}
