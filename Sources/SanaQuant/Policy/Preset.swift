/// The policies that come with the tool, compiled into it.
public enum Preset: String, Sendable, CaseIterable {
    case edge
    case sana
    case fp16

    /// The preset's text: what a policy file of one's own can start from.
    public var yaml: String {
        let bytes =
            switch self {
            case .edge: PackageResources.edge_yaml
            case .sana: PackageResources.sana_yaml
            case .fp16: PackageResources.fp16_yaml
            }
        return String(decoding: bytes, as: UTF8.self)
    }
}
