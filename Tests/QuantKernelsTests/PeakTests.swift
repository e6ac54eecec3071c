import QuantKernels
import Testing

@Suite struct PeakTests {
    /// More iterations are more work and take longer: nothing was optimized away.
    @Test(arguments: KernelTier.all) func workGrowsWithTheIterations(tier: KernelTier) {
        for peak in unsafe [tier.kernels.peak_s8, tier.kernels.peak_f32] {
            let once = peak(1)
            #expect(once > 0)
            #expect(peak(1000) == 1000 * once)
            func seconds(_ iterations: Int) -> Double {
                let start = ContinuousClock.now
                _ = peak(iterations)
                return (ContinuousClock.now - start) / .seconds(1)
            }
            // In turns, so that both meet the moments in which nothing disturbs them.
            var (few, many) = (Double.infinity, Double.infinity)
            for _ in 0..<20 {
                few = min(few, seconds(100_000))
                many = min(many, seconds(2_000_000))
            }
            #expect(many > 10 * few)
        }
    }
}
