import SanaModel

/// Reads scenes with captions, one JSON object a line: `captions`, a list of texts; if wanted `scores`, a number for
/// each, and `image`, the path of the scene's picture, from the file's own folder. Blank lines and lines that begin with
/// `#` are skipped.
public enum CaptionsFile {
    private static let sizeLimit = 256 << 20
    private static let captionLimit = 1 << 16
    private static let captionCountLimit = 1024

    /// - Throws: `FileError`, `JSONError`, `CaptionsError`.
    public static func read(_ path: String) throws -> [CaptionedScene] {
        try parse(readWholeFile(path, limit: sizeLimit), name: path)
    }

    /// - Parameter name: what errors call the file.
    static func parse(_ bytes: [UInt8], name: String) throws -> [CaptionedScene] {
        var scenes: [CaptionedScene] = []
        for line in TextLines(bytes) where !line.isComment {
            scenes.append(try scene(Array(line.bytes), line: line.number, name: name))
        }
        guard !scenes.isEmpty else { throw CaptionsError.empty(file: name) }
        return scenes
    }

    private static func scene(_ text: [UInt8], line: Int, name: String) throws -> CaptionedScene {
        func wrong(_ what: String) -> CaptionsError { .line(file: name, line: line, what: what) }
        let json = try JSON.parse(text, name: "\(name), line \(line)")
        guard let object = json.objectValue else { throw wrong("expected a JSON object") }
        let known = ["captions", "scores", "image"]
        if let key = object.keys.first(where: { !known.contains($0.string) }) {
            throw wrong(
                "the member \(quoted(key.string)) is unknown; a scene has \"captions\", \"scores\" and \"image\""
            )
        }
        guard let list = object["captions"]?.arrayValue, !list.isEmpty, list.count <= captionCountLimit else {
            throw wrong("\"captions\" must be a list of 1 to \(captionCountLimit) texts")
        }
        let captions = try list.map { caption in
            guard case .string(let value) = caption, value.bytes.count <= captionLimit,
                !value.bytes.contains(0), let text = String(validating: value.bytes, as: UTF8.self)
            else { throw wrong("a caption must be UTF-8 of at most \(captionLimit) bytes without NUL") }
            return text
        }
        var scene = CaptionedScene(captions: captions)
        if let scores = object["scores"] {
            let values = scores.arrayValue?.compactMap(\.doubleValue).filter(\.isFinite)
            guard let values, values.count == captions.count, scores.arrayValue?.count == captions.count
            else {
                throw wrong("\"scores\" must be a list of \(captions.count) finite numbers, one a caption")
            }
            scene.scores = values
        }
        if let image = object["image"] {
            guard let path = image.stringValue else { throw wrong("\"image\" must be a path") }
            scene.image = inFolder(of: name, path)
        }
        return scene
    }

    /// A path that is named in a file, as it is found from here.
    private static func inFolder(of file: String, _ path: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
