import Foundation
import SanaModel

/// Ends `make demo`: what the runs in a folder cost, and how near each policy's pictures come to the first one's.
///
/// For each policy the folder holds `POLICY-pack.json` and `POLICY-pictures.json`, which `sana-quant convert --json`
/// and `sana-quant generate --json` printed, and for each but the first `POLICY-check.json` of `sana-quant check`.
@main
struct DemoReport {
    static func main() {
        do {
            try report()
        } catch {
            FileHandle.standardError.write(Data("demo-report: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func report() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first, arguments.count > 1 else {
            print("usage: demo-report FOLDER POLICY...")
            exit(64)
        }
        let policies = arguments.dropFirst()
        let runs = try policies.map {
            try Run(folder: folder, policy: $0, isReference: $0 == policies.first)
        }
        guard let reference = runs.first else { return }

        print("\nThe checkpoint has \(megabytes(reference.bytesBefore)) MB of weights. For one picture:\n")
        print(
            row(
                "policy",
                [
                    "pack MB", "of it", "step s", "decode s", "all s", "memory MB", "similarity", "drop",
                    "PSNR dB",
                ]))
        for run in runs {
            let cells = [
                megabytes(run.bytesAfter),
                decimal(100 * Double(run.bytesAfter) / Double(max(1, run.bytesBefore)), 0) + " %",
                decimal(run.stepSeconds), decimal(run.seconds("decode")), decimal(run.seconds("total")),
                megabytes(run.peakMemory), run.mean("similarity", 4), run.mean("drop", 3),
                run.mean("psnr", 1),
            ]
            print(row(run.policy, cells))
        }
        print(
            """

            CLIP similarity, CLIP score drop and PSNR are against \(reference.policy), means of \
            \(reference.pictures) pictures.
            Each pair of pictures, the worst first, with a map of what differs:
            """)
        for run in runs.dropFirst() { print("  \(folder)/\(run.policy)-report/report.html") }
    }
}

/// One policy's conversion and its pictures.
private struct Run {
    let policy: String
    let bytesBefore: Int
    let bytesAfter: Int
    let stepSeconds: Double
    let peakMemory: Int
    /// How many.
    let pictures: Int
    private let stages: JSON
    private let check: JSON?

    init(folder: String, policy: String, isReference: Bool) throws {
        let pack = try Self.report("\(folder)/\(policy)-pack.json")
        let run = try Self.report("\(folder)/\(policy)-pictures.json")
        self.policy = policy
        bytesBefore = pack["bytesBefore"]?.intValue ?? 0
        bytesAfter = pack["bytesAfter"]?.intValue ?? 0
        let steps = (run["stepSeconds"]?.arrayValue ?? []).compactMap(\.doubleValue)
        stepSeconds = steps.reduce(0, +) / Double(max(1, steps.count))
        peakMemory = run["peakMemoryBytes"]?.intValue ?? 0
        stages = run["seconds"] ?? .null
        pictures = run["images"]?.arrayValue?.count ?? 0
        check = isReference ? nil : try Self.report("\(folder)/\(policy)-check.json")
    }

    /// Of one picture.
    func seconds(_ stage: String) -> Double {
        (stages[stage]?.doubleValue ?? .nan) / Double(max(1, pictures))
    }

    /// A figure's mean over all pictures.
    func mean(_ figure: String, _ decimals: Int) -> String {
        check?["mean"]?[figure]?.doubleValue.map { decimal($0, decimals) } ?? "-"
    }

    private static func report(_ path: String) throws -> JSON {
        try JSON.parse(readWholeFile(path, limit: 1 << 30), name: path)
    }
}

private func row(_ title: String, _ cells: [String]) -> String {
    let padded = cells.map { String(repeating: " ", count: max(0, 11 - $0.count)) + $0 }
    return title.padding(toLength: 8, withPad: " ", startingAt: 0) + padded.joined()
}

private func megabytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1e6, 1) }

private func decimal(_ value: Double, _ decimals: Int = 2) -> String {
    String(format: "%.\(decimals)f", value)
}
