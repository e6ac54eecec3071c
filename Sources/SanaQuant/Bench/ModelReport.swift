import SanaEdge
import SanaModel

/// What a model's benchmark measured.
public struct ModelReport: Sendable {
    /// One part of a run.
    public struct Part: Sendable {
        /// `text30`, `text300`, `load`, `transformerPass` or `decode`.
        public let name: String
        /// Multiply-adds by `NominalWork`; nil where the part is no arithmetic.
        public let macs: Int?
        public let timing: Timing
    }

    public let preset: ModelPreset
    public let policy: String
    public let width: Int
    public let height: Int
    public let tier: String
    public let threads: Int
    /// Whether the policy has int8 products.
    let isInt8: Bool
    var peaks = PeakSamples()
    /// Those that were measured, in their order.
    public internal(set) var parts: [Part] = []

    init(
        preset: ModelPreset, policy: String, width: Int, height: Int, tier: String, threads: Int, isInt8: Bool
    ) {
        self.preset = preset
        self.policy = policy
        self.width = width
        self.height = height
        self.tier = tier
        self.threads = threads
        self.isInt8 = isInt8
    }

    /// 10⁹ int8 multiply-adds a second in registers alone, on all threads: the median of measurements before and behind
    /// each run.
    public var peakGMACs: Double { peaks.median(.int8) }
    /// The same for float32.
    public var floatPeakGMACs: Double { peaks.median(.float32) }

    /// The peak that bounds the policy's arithmetic.
    public var boundGMACs: Double { isInt8 ? peakGMACs : floatPeakGMACs }
}

extension ModelReport {
    private static let secondsKeys = [
        "text30": "textSeconds30", "text300": "textSeconds300", "transformerPass": "transformerPassSeconds",
        "decode": "decodeSeconds", "load": "loadSeconds",
    ]

    /// The report as `bench model --json` prints it. A part that was left out is null.
    public var json: JSON {
        var object = JSONObject()
        object["preset"] = .string(preset.rawValue)
        object["policy"] = .string(policy)
        object["width"] = .integer(width)
        object["height"] = .integer(height)
        var (macs, profiles) = (JSONObject(), JSONObject())
        for name in ["text30", "text300", "transformerPass", "decode", "load"] {
            let part = parts.first { $0.name == name }
            object[Self.secondsKeys[name] ?? name] = part.map { .number($0.timing.seconds) } ?? .null
            if name != "load" { macs[name] = part?.macs.map { .integer($0) } ?? .null }
            if let timing = part?.timing, !timing.operations.isEmpty { profiles[name] = timing.json }
        }
        object["macs"] = .object(macs)
        object["peakGMACs"] = .number(peakGMACs)
        object["floatPeakGMACs"] = .number(floatPeakGMACs)
        object["tier"] = .string(tier)
        object["threads"] = .integer(threads)
        if !profiles.isEmpty { object["profile"] = .object(profiles) }
        return .object(object)
    }
}

extension Timing {
    fileprivate var json: JSON {
        .array(
            operations.map {
                [
                    "operation": .string($0.name), "seconds": .number($0.seconds),
                    "share": .number($0.seconds / seconds),
                ]
            })
    }
}
