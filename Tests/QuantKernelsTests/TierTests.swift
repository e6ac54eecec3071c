import QuantKernels
import SanaEdge
import Testing

@Suite struct TierTests {
    @Test func scalarIsAlwaysAvailable() {
        #expect(Tier.available.first?.name == "scalar")
    }

    @Test func unknownTierIsRefusedByName() {
        #expect(throws: TierError.self) { try Tier.named("sse9") }
    }
}
