import SanaEdge
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite(.serialized) struct OpenBLASTests {
    /// A child of ours starts with the variables set, as shells and container images do, and must not see them.
    @Test func variablesThatPinSlowKernelsAreHidden() async throws {
        unsafe setenv("OPENBLAS_CORETYPE", "Prescott", 1)
        unsafe setenv("OPENBLAS_L2_SIZE", "1048576", 1)
        defer {
            unsafe unsetenv("OPENBLAS_CORETYPE")
            unsafe unsetenv("OPENBLAS_L2_SIZE")
        }
        let result = try await #require(
            processExitsWith: .success, observing: [\.standardOutputContent]
        ) {
            let isHidden = unsafe getenv("OPENBLAS_CORETYPE") == nil && getenv("OPENBLAS_L2_SIZE") == nil
            print("core \(FloatProducts.coreName) hidden \(isHidden)")
        }
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("core \(FloatProducts.coreName) hidden true"))
        #expect(FloatProducts.coreName != "Prescott")
    }

    @Test(.enabled(if: Tier.available.contains { $0.name == "avx512vnni" }))
    func cpuWithAVX512GetsItsKernels() {
        #expect(!["Haswell", "Zen", "Sandybridge", "Prescott"].contains(FloatProducts.coreName))
    }
}
