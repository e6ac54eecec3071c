import SanaModel

/// What a benchmark of the kernels measured.
public struct KernelReport: Sendable {
    /// 10⁹ multiply-adds a second.
    public struct Rate: Sendable {
        /// Of one thread.
        public let one: Double
        /// Of all threads.
        public let all: Double
    }

    public struct ShapeEntry: Sendable {
        public let shape: KernelShape
        public let rate: Rate
    }

    public struct TierEntry: Sendable {
        public let tier: String
        /// Of int8 multiply-adds in registers alone.
        public let peak: Rate
        /// The same for float32.
        public let floatPeak: Rate
        public internal(set) var shapes: [ShapeEntry] = []
    }

    /// Those that the system started.
    public internal(set) var threads: Int
    public internal(set) var tiers: [TierEntry] = []
}

extension KernelReport {
    /// The report as `bench kernels --json` prints it.
    public var json: JSON {
        ["threads": .integer(threads), "tiers": .array(tiers.map(\.json))]
    }
}

extension KernelReport.TierEntry {
    fileprivate var json: JSON {
        [
            "tier": .string(tier), "peakGMACs": peak.json, "floatPeakGMACs": floatPeak.json,
            "shapes": .array(
                shapes.map { entry in
                    var object = entry.shape.json
                    object["one"] = .number(entry.rate.one)
                    object["all"] = .number(entry.rate.all)
                    object["shareOne"] = .number(entry.rate.one / peak.one)
                    object["shareAll"] = .number(entry.rate.all / peak.all)
                    return .object(object)
                }),
        ]
    }
}

extension KernelReport.Rate {
    fileprivate var json: JSON { ["one": .number(one), "all": .number(all)] }
}

extension KernelShape {
    fileprivate var json: JSONObject {
        var object = JSONObject()
        object["kind"] = .string(kind)
        switch self {
        case .gemm(_, _, _, let epilogue):
            object["epilogue"] = .string(epilogue.rawValue)
        case .convolution(let height, let width, let inputs, let outputs, let upsamples):
            object["height"] = .integer(height)
            object["width"] = .integer(width)
            object["inputs"] = .integer(inputs)
            object["outputs"] = .integer(outputs)
            object["upsamples"] = .bool(upsamples)
        }
        object["rows"] = .integer(rows)
        object["columns"] = .integer(columns)
        object["depth"] = .integer(depth)
        return object
    }
}
