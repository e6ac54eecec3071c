import Foundation
import SanaEdge
import SanaModel
import TestSupport

/// Ends `make demo`: what the runs in a folder cost, and how near each policy's pictures come to the first one's.
///
/// For each policy the folder holds `POLICY-pack.json` and `POLICY-pictures.json`, which `sana-quant convert --json`
/// and `sana-quant generate --json` printed.
@main
struct DemoReport {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first, arguments.count > 1 else {
            print("usage: demo-report FOLDER POLICY...")
            exit(64)
        }
        let runs = try arguments.dropFirst().map { try Run(folder: folder, policy: $0) }
        guard let reference = runs.first else { return }

        print("\nThe checkpoint has \(megabytes(reference.bytesBefore)) MB of weights. For one picture:\n")
        print(
            row(
                "policy",
                ["pack MB", "of it", "text s", "step s", "decode s", "all s", "memory MB", "PSNR dB"]))
        for run in runs {
            let psnr = zip(run.pictures, reference.pictures).map { $0.psnr($1) }
            let mean = psnr.reduce(0, +) / Double(psnr.count)
            let cells = [
                megabytes(run.bytesAfter),
                decimal(100 * Double(run.bytesAfter) / Double(max(1, run.bytesBefore)), 0) + " %",
                decimal(run.seconds("text")), decimal(run.stepSeconds), decimal(run.seconds("decode")),
                decimal(run.seconds("total")), megabytes(run.peakMemory),
                mean.isInfinite ? "-" : decimal(mean, 1),
            ]
            print(row(run.policy, cells))
        }
        print("\nPSNR is against \(reference.policy), the mean of \(reference.pictures.count) pictures:")
        for run in runs { print("  " + run.paths.joined(separator: " ")) }
    }
}

/// One policy's conversion and its pictures.
private struct Run {
    let policy: String
    let bytesBefore: Int
    let bytesAfter: Int
    let stepSeconds: Double
    let peakMemory: Int
    let paths: [String]
    let pictures: [RGBImage]
    private let stages: JSON

    init(folder: String, policy: String) throws {
        let pack = try Self.report("\(folder)/\(policy)-pack.json")
        let run = try Self.report("\(folder)/\(policy)-pictures.json")
        self.policy = policy
        bytesBefore = pack["bytesBefore"]?.intValue ?? 0
        bytesAfter = pack["bytesAfter"]?.intValue ?? 0
        let steps = (run["stepSeconds"]?.arrayValue ?? []).compactMap(\.doubleValue)
        stepSeconds = steps.reduce(0, +) / Double(max(1, steps.count))
        peakMemory = run["peakMemoryBytes"]?.intValue ?? 0
        stages = run["seconds"] ?? .null
        paths = (run["images"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }
        pictures = try paths.map { try RGBImage(png: readWholeFile($0, limit: 1 << 30), file: $0) }
    }

    /// Of one picture.
    func seconds(_ stage: String) -> Double {
        (stages[stage]?.doubleValue ?? .nan) / Double(max(1, pictures.count))
    }

    private static func report(_ path: String) throws -> JSON {
        try JSON.parse(readWholeFile(path, limit: 1 << 30), name: path)
    }
}

private func row(_ title: String, _ cells: [String]) -> String {
    let padded = cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
    return title.padding(toLength: 8, withPad: " ", startingAt: 0) + padded.joined()
}

private func megabytes(_ bytes: Int) -> String { decimal(Double(bytes) / 1e6, 1) }

private func decimal(_ value: Double, _ decimals: Int = 2) -> String {
    String(format: "%.\(decimals)f", value)
}
