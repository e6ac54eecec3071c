/// How a picture becomes the numbers that CLIP reads, as transformers' `CLIPImageProcessor` reads it from
/// `preprocessor_config.json`, in the forms of any version of it.
public struct CLIPImageSettings: Sendable, Equatable {
    public enum Size: Sendable, Equatable {
        /// The shorter side becomes so long, and the other follows.
        case shortestEdge(Int)
        case exact(width: Int, height: Int)
    }

    /// Pillow's filters, by its numbers.
    public enum Filter: Int, Sendable {
        case nearest = 0
        case lanczos = 1
        case bilinear = 2
        case bicubic = 3
        case box = 4
        case hamming = 5
    }

    /// nil: the picture keeps its size.
    public var resize: Size?
    public var filter: Filter
    /// The part around the centre that is kept; nil for all of it.
    public var crop: (width: Int, height: Int)?
    /// What the 8-bit values are multiplied by; nil for nothing.
    public var rescale: Double?
    /// What is taken off each channel, and what that is divided by; nil for nothing.
    public var normalization: (mean: [Double], deviation: [Double])?

    static let sideLimit = 4096
    private static let mean = [0.48145466, 0.4578275, 0.40821073]
    private static let deviation = [0.26862954, 0.26130258, 0.27577711]

    /// - Parameter file: the file's name, for messages.
    /// - Throws: `ConfigError`.
    public init(_ json: JSON, file: String) throws {
        var fields = try ConfigFields(json, file: file)
        /// A step is taken unless it is said not to be; null says so too.
        func flag(_ key: String) throws -> Bool {
            try json[key]?.isNull != true && fields.flag(key, default: true)
        }
        let resizes = try flag("do_resize")
        resize = resizes ? try fields.resizedSize("size") : nil
        let number = try fields.integer("resample", default: Filter.bicubic.rawValue, in: 0...5)
        filter = Filter(rawValue: number) ?? .bicubic
        let crops = try flag("do_center_crop")
        crop = crops ? try fields.croppedSize("crop_size") : nil
        let rescales = try flag("do_rescale")
        let factor = try fields.number("rescale_factor", default: 1 / 255, in: 0...1e6)
        rescale = rescales ? factor : nil
        let normalizes = try flag("do_normalize")
        let mean = try fields.channels("image_mean", default: Self.mean, in: -1e6...1e6)
        let deviation = try fields.channels("image_std", default: Self.deviation, in: 1e-6...1e6)
        normalization = normalizes ? (mean, deviation) : nil
    }

    public static func == (left: CLIPImageSettings, right: CLIPImageSettings) -> Bool {
        left.resize == right.resize && left.filter == right.filter && left.rescale == right.rescale
            && left.crop?.width == right.crop?.width && left.crop?.height == right.crop?.height
            && left.normalization?.mean == right.normalization?.mean
            && left.normalization?.deviation == right.normalization?.deviation
    }
}

extension ConfigFields {
    /// A number, `{"shortest_edge"}`, `{"height", "width"}` or a list of height and width.
    fileprivate mutating func resizedSize(_ key: String) throws -> CLIPImageSettings.Size {
        guard let json = present(key) else { return .shortestEdge(224) }
        if json.intValue != nil { return .shortestEdge(try side(json, key)) }
        if let edge = json["shortest_edge"], json["longest_edge"]?.isNull ?? true {
            return .shortestEdge(try side(edge, key))
        }
        let exact = try heightAndWidth(json, key)
        return .exact(width: exact.width, height: exact.height)
    }

    /// A number, for a square, `{"height", "width"}` or a list of the two.
    fileprivate mutating func croppedSize(_ key: String) throws -> (width: Int, height: Int) {
        guard let json = present(key) else { return (224, 224) }
        if json.intValue != nil {
            let side = try side(json, key)
            return (side, side)
        }
        return try heightAndWidth(json, key)
    }

    private func heightAndWidth(_ json: JSON, _ key: String) throws -> (width: Int, height: Int) {
        let pair = json.arrayValue ?? [json["height"], json["width"]].compactMap { $0 }
        guard pair.count == 2 else {
            throw ConfigError.unsupported(
                file: file, key: key, found: json.serialized(),
                supported: "a number of pixels, {\"shortest_edge\"} for \"size\", {\"height\", \"width\"}")
        }
        return (try side(pair[1], key), try side(pair[0], key))
    }

    private func side(_ json: JSON, _ key: String) throws -> Int {
        guard let side = json.intValue, (1...CLIPImageSettings.sideLimit).contains(side) else {
            throw ConfigError.outOfRange(
                file: file, key: key, found: json.serialized(),
                expected: "1 to \(CLIPImageSettings.sideLimit) pixels")
        }
        return side
    }

    /// A number for each of three channels, or one for all.
    fileprivate mutating func channels(
        _ key: String, default fallback: [Double], in range: ClosedRange<Double>
    ) throws -> [Double] {
        guard let json = present(key) else { return fallback }
        let numbers = json.arrayValue?.map(\.doubleValue) ?? Array(repeating: json.doubleValue, count: 3)
        let inRange = numbers.compactMap { $0 }.filter(range.contains)
        guard inRange.count == 3, numbers.count == 3 else {
            throw ConfigError.outOfRange(
                file: file, key: key, found: json.serialized(),
                expected: "three numbers from \(range.lowerBound) to \(range.upperBound)")
        }
        return inRange
    }
}
