import SanaEdge
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite(.serialized) struct OpenBLASTests {
    /// A child of ours starts with the variables set, as shells and container images do, and must not see them. What
    /// stands last gives its place to our settings for a while, and must be back.
    @Test func variablesThatPinSlowKernelsAreHidden() async throws {
        unsafe setenv("OPENBLAS_CORETYPE", "Prescott", 1)
        unsafe setenv("OPENBLAS_L2_SIZE", "1048576", 1)
        unsafe setenv("OPENBLAS_NUM_THREADS", "7", 1)
        unsafe setenv("SANA_QUANT_TEST_LAST_BUT_ONE", "kept", 1)
        unsafe setenv("SANA_QUANT_TEST_LAST", "kept", 1)
        defer {
            unsafe unsetenv("OPENBLAS_CORETYPE")
            unsafe unsetenv("OPENBLAS_L2_SIZE")
            unsafe unsetenv("OPENBLAS_NUM_THREADS")
            unsafe unsetenv("SANA_QUANT_TEST_LAST_BUT_ONE")
            unsafe unsetenv("SANA_QUANT_TEST_LAST")
        }
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            let isHidden = ["CORETYPE", "L2_SIZE", "NUM_THREADS"].allSatisfy {
                unsafe getenv("OPENBLAS_\($0)") == nil
            }
            let last = ["LAST_BUT_ONE", "LAST"].map {
                unsafe getenv("SANA_QUANT_TEST_\($0)").map { unsafe String(cString: $0) } ?? "lost"
            }
            print("core \(FloatProducts.coreName) hidden \(isHidden) last \(last.joined(separator: " "))")
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("core \(FloatProducts.coreName) hidden true last kept kept"))
        #expect(FloatProducts.coreName != "Prescott")
    }

    @Test(.enabled(if: Tier.available.contains { $0.name == "avx512vnni" }))
    func cpuWithAVX512GetsItsKernels() {
        #expect(!["Haswell", "Zen", "Sandybridge", "Prescott"].contains(FloatProducts.coreName))
    }
}
