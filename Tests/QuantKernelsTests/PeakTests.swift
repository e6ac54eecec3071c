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
                (0..<5).map { _ in
                    let start = ContinuousClock.now
                    _ = peak(iterations)
                    return (ContinuousClock.now - start) / .seconds(1)
                }.min() ?? 0
            }
            #expect(seconds(2_000_000) > 4 * seconds(100_000))
        }
    }
}
