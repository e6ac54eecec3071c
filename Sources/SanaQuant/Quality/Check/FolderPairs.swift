import SanaEdge
import SanaModel

/// Pictures of two folders of PNG files, whoever made them. A folder's files are taken in the order of their names,
/// numbers in these by their size, and belong to the prompts in theirs.
public struct FolderPairs: PicturePairs {
    private let folders: (candidate: PictureFolder, reference: PictureFolder)

    /// - Throws: `FileError`; `QualityError.pictureCount` unless each folder has a picture for each prompt.
    public init(candidate: String, reference: String, prompts: Int) throws {
        folders = (
            try PictureFolder(candidate, prompts: prompts), try PictureFolder(reference, prompts: prompts)
        )
    }

    /// Whether a file of this name is one of a folder's pictures.
    public static func reads(_ name: String) -> Bool {
        !name.hasPrefix(".") && name.lowercased().hasSuffix(".png")
    }

    public var candidate: JSON { folders.candidate.description }
    public var reference: JSON { folders.reference.description }
    public var settings: JSON { [:] }
    public var fingerprints: (candidate: UInt64, reference: UInt64) {
        (folders.candidate.fingerprint, folders.reference.fingerprint)
    }

    public func pictures(
        _ prompts: [(index: Int, prompt: QualityPrompt)], progress: (Double) throws -> Void
    ) throws -> [PicturePair] {
        try prompts.enumerated().map { done, prompt in
            try progress(Double(done) / Double(prompts.count))
            let pair = PicturePair(
                reference: try folders.reference.picture(prompt.index),
                candidate: try folders.candidate.picture(prompt.index))
            guard
                (pair.reference.width, pair.reference.height) == (pair.candidate.width, pair.candidate.height)
            else {
                throw QualityError.differentSizes(
                    candidate: folders.candidate.file(prompt.index),
                    reference: folders.reference.file(prompt.index),
                    sizes: "\(pair.candidate.width)x\(pair.candidate.height) and "
                        + "\(pair.reference.width)x\(pair.reference.height)")
            }
            return pair
        }
    }
}

/// A folder of PNG files.
private struct PictureFolder {
    let path: String
    let fingerprint: UInt64
    private let names: [String]

    private static let sizeLimit = 1 << 30

    init(_ path: String, prompts: Int) throws {
        self.path = path
        names = try fileNames(inFolder: path).filter(FolderPairs.reads).sorted {
            NaturalOrder.isBefore($0, $1)
        }
        guard names.count == prompts else {
            throw QualityError.pictureCount(folder: path, found: names.count, expected: prompts)
        }
        var hash = XXH64()
        for name in names {
            hash.update(try readWholeFile("\(path)/\(name)", limit: Self.sizeLimit))
        }
        fingerprint = hash.finish()
    }

    var description: JSON { ["kind": "folder", "path": .string(path)] }

    func file(_ index: Int) -> String { "\(path)/\(names[index])" }

    func picture(_ index: Int) throws -> RGBImage {
        try RGBImage(png: readWholeFile(file(index), limit: Self.sizeLimit), file: file(index))
    }
}

/// The order of names in which `image-2` stands before `image-10`.
enum NaturalOrder {
    static func isBefore(_ first: String, _ second: String) -> Bool {
        let (a, b) = (parts(first), parts(second))
        for (x, y) in zip(a, b) where x != y {
            // Numbers without leading zeros: the longer is the larger.
            if x.isNumber, y.isNumber, x.bytes.count != y.bytes.count { return x.bytes.count < y.bytes.count }
            return x.bytes.lexicographicallyPrecedes(y.bytes)
        }
        return a.count == b.count ? ByteString(first) < ByteString(second) : a.count < b.count
    }

    private struct Part: Equatable {
        let isNumber: Bool
        var bytes: [UInt8]
    }

    private static func parts(_ name: String) -> [Part] {
        var parts: [Part] = []
        for byte in name.utf8 {
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if parts.last?.isNumber == isDigit {
                parts[parts.count - 1].bytes.append(byte)
            } else {
                parts.append(Part(isNumber: isDigit, bytes: [byte]))
            }
        }
        return parts.map { part in
            guard part.isNumber else { return part }
            let digits = Array(part.bytes.drop { $0 == UInt8(ascii: "0") })
            return Part(isNumber: true, bytes: digits)
        }
    }
}
