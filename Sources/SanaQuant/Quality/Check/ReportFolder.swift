import SanaEdge
import SanaModel

/// A folder with all that a report needs: `report.html`, a page that can be sent alone, `report.json`, and both pictures
/// of each prompt in `pictures/`.
public struct ReportFolder: Sendable {
    /// Whose picture it is.
    public enum Side: String, CaseIterable, Sendable {
        case reference
        case candidate
    }

    private static let page = "report.html"
    private static let figures = "report.json"

    public let path: String

    /// Makes the folder unless it is there.
    ///
    /// - Throws: `OutputError`.
    public init(path: String) throws(OutputError) {
        self.path = path
        try makeFolder(path)
        try makeFolder("\(path)/pictures")
    }

    /// From the folder: `pictures/000012-candidate.png` for the 13th prompt.
    public func picture(_ index: Int, _ side: Side) -> String {
        let digits = String(index)
        let padding = String(repeating: "0", count: max(0, 6 - digits.count))
        return "pictures/\(padding)\(digits)-\(side.rawValue).png"
    }

    public func hasPictures(_ index: Int) -> Bool {
        Side.allCases.allSatisfy { somethingExists(at: "\(path)/\(picture(index, $0))") }
    }

    /// Paths of all that is written: behind the last prompt, and of each prompt.
    public func files(prompts: Range<Int>) -> [String] {
        ([Self.figures, Self.page] + prompts.flatMap { index in Side.allCases.map { picture(index, $0) } })
            .map { "\(path)/\($0)" }
    }

    func write(_ pair: PicturePair, _ index: Int) throws {
        try write(pair.reference.png(), to: picture(index, .reference))
        try write(pair.candidate.png(), to: picture(index, .candidate))
    }

    /// Writes the report behind its last prompt.
    ///
    /// - Throws: `OutputError`; what reading the pictures back throws.
    public func write(_ report: QualityReport) throws {
        let json = report.json { index in
            hasPictures(index)
                ? .object(
                    Side.allCases.reduce(into: JSONObject()) { object, side in
                        object[side.rawValue] = .string(picture(index, side))
                    }) : nil
        }
        try write(Array((json.serialized(pretty: true) + "\n").utf8), to: Self.figures)
        try write(page(report).bytes, to: Self.page)
    }

    private func write(_ bytes: [UInt8], to name: String) throws {
        let file = try AtomicFile(target: "\(path)/\(name)", overwrite: true, expectedSize: bytes.count)
        try file.write(bytes, at: 0)
        try file.commit()
    }
}
