/// Bits per element of the types that safetensors files know, supported here or not.
///
/// Source: the format's `Dtype`. A tensor of a type that is not listed is held only against its neighbours.
func bitCount(ofSafetensorsType name: ByteString) -> Int? {
    switch name {
    case "F4": 4
    case "F6_E2M3", "F6_E3M2": 6
    case "BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ": 8
    case "U16", "I16", "F16", "BF16": 16
    case "U32", "I32", "F32": 32
    case "U64", "I64", "F64", "C64": 64
    default: nil
    }
}

extension ElementType {
    /// The types in which a checkpoint may hold weights.
    init?(safetensorsType name: ByteString) {
        switch name {
        case "F32": self = .f32
        case "F16": self = .f16
        case "BF16": self = .bf16
        default: return nil
        }
    }
}
