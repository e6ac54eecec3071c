import SanaEdge
import SanaModel
import TestSupport
import Testing

/// Euler's method against diffusers' `FlowMatchEulerDiscreteScheduler` for synthetic velocities.
@Suite struct EulerGoldenTests {
    static let golden = try? Golden("euler")
    /// Largest difference relative to the largest number.
    static let tolerance: Float = 1e-5

    @Test(arguments: Golden.cases(of: "euler.safetensors"))
    func trajectoryIsThatOfDiffusers(_ name: String) throws {
        let golden = try #require(Self.golden)
        let details = try #require(Golden.details(of: "euler.safetensors")?["cases"]?[name])
        let steps = try #require(details["steps"]?.intValue)
        let seed = try #require(details["seed"]?.intValue)
        let config = try SchedulerConfig(json: try #require(details["config"]), file: name)
        var sampler = Sampler(config, steps: steps)
        #expect(largestDifference(sampler.timesteps, try golden["\(name).timesteps"]) <= 1e-6)

        let velocities = try golden["\(name).velocities"]
        let latents = try golden["\(name).latents"]
        let count = latents.count / (steps + 1)
        var normals = Normals(seed: UInt64(seed))
        var sample = sampler.start(normals.draw(count))
        #expect(largestDifference(sample, latents[..<count]) <= Self.tolerance)
        for step in 0..<steps {
            sampler.step(
                output: Array(velocities[step * count..<(step + 1) * count]), sample: &sample,
                normals: &normals)
            let expected = latents[(step + 1) * count..<(step + 2) * count]
            #expect(largestDifference(sample, expected) <= Self.tolerance, "step \(step)")
        }
    }
}
