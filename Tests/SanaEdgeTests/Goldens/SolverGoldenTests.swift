import SanaEdge
import SanaModel
import TestSupport
import Testing

/// The solver against diffusers' `DPMSolverMultistepScheduler` for synthetic velocities.
@Suite struct SolverGoldenTests {
    static let golden = try? Golden("solver")
    /// Largest difference relative to the largest latent.
    static let tolerance: Float = 2e-5

    @Test(arguments: Golden.cases(of: "solver.safetensors"))
    func trajectoryIsThatOfDiffusers(_ name: String) throws {
        let golden = try #require(Self.golden)
        let details = try #require(Golden.details(of: "solver.safetensors")?["cases"]?[name])
        let steps = try #require(details["steps"]?.intValue)
        guard
            case .flowSolver(let config) = try SchedulerConfig(json: #require(details["config"]), file: name)
        else {
            Issue.record("\(name) is another scheduler")
            return
        }
        var solver = FlowSolver(config, steps: steps)

        #expect(solver.timesteps.map(Float.init) == (try golden["\(name).timesteps"]))
        #expect(zip(solver.sigmas, try golden["\(name).sigmas"]).allSatisfy { abs($0 - $1) <= 1e-7 })

        let velocities = try golden["\(name).velocities"]
        let latents = try golden["\(name).latents"]
        let count = latents.count / (steps + 1)
        var sample = Array(latents[..<count])
        for step in 0..<steps {
            solver.step(velocity: Array(velocities[step * count..<(step + 1) * count]), sample: &sample)
            let expected = latents[(step + 1) * count..<(step + 2) * count]
            #expect(largestDifference(sample, expected) <= Self.tolerance, "step \(step)")
        }
    }
}
