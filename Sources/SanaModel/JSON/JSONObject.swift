/// The members of a JSON object, each key once, in the order of the file.
public struct JSONObject: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public let key: ByteString
        public let value: JSON
    }

    public private(set) var members: [Member] = []
    private var positions: [ByteString: Int] = [:]

    public init() {}

    public var isEmpty: Bool { members.isEmpty }
    public var count: Int { members.count }
    public var keys: [ByteString] { members.map(\.key) }

    /// A member's value. A new key goes to the end; nil takes the member out.
    public subscript(_ key: ByteString) -> JSON? {
        get { positions[key].map { members[$0].value } }
        set {
            let position = positions[key]
            switch (position, newValue) {
            case (let position?, let value?):
                members[position] = Member(key: key, value: value)
            case (nil, let value?):
                positions[key] = members.count
                members.append(Member(key: key, value: value))
            case (let position?, nil):
                members.remove(at: position)
                positions[key] = nil
                for index in position..<members.count { positions[members[index].key] = index }
            case (nil, nil):
                break
            }
        }
    }

    public subscript(_ key: String) -> JSON? {
        get { self[ByteString(key)] }
        set { self[ByteString(key)] = newValue }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members in the order in which they are written.
    public init(dictionaryLiteral members: (String, JSON)...) {
        for (key, value) in members { self[key] = value }
    }
}
