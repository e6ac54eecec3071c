import SanaModel

/// What a conversion did.
public struct ConversionReport: Sendable {
    public struct Tensor: Sendable {
        /// As in policies: the component's folder, a dot, the checkpoint's name.
        public let name: String
        public let component: Component
        public let scheme: Scheme
        public let elementType: ElementType
        /// In the pack.
        public let shape: [Int]
        /// In the checkpoint.
        public let bytesBefore: Int
        /// In the pack's file, compressed, with the scales.
        public let bytesAfter: Int
        /// Why it has this scheme, in the words of the policy's rule.
        public let reason: String?
        /// Of what a calibration made of the values, where there is one.
        public let error: QuantizationError
        /// What a calibration did for it; nil without one, and where nothing is quantized.
        public let calibration: CalibrationOutcome?
    }

    /// Some tensors together.
    public struct Sum: Sendable, Equatable {
        public var tensors = 0
        public var bytesBefore = 0
        public var bytesAfter = 0

        public init() {}

        public mutating func add(_ tensor: Tensor) {
            tensors += 1
            bytesBefore += tensor.bytesBefore
            bytesAfter += tensor.bytesAfter
        }
    }

    public let path: String
    public let policy: String
    /// In execution order.
    public let tensors: [Tensor]
    /// The pack's file.
    public let bytesAfter: Int
    public let seconds: Double
    /// Whether the pack holds an instruction that goes before prompts.
    public let hasInstruction: Bool
    /// The adapters that were added.
    public let adapters: [Manifest.Adapter]
    /// What became of the calibration; nil without one.
    public let calibration: CalibrationReport?

    /// The checkpoint's tensors that the pack holds.
    public var bytesBefore: Int { tensors.reduce(0) { $0 + $1.bytesBefore } }

    public func sum(_ component: Component, _ scheme: Scheme? = nil) -> Sum {
        var sum = Sum()
        for tensor in tensors
        where tensor.component == component && (scheme ?? tensor.scheme) == tensor.scheme {
            sum.add(tensor)
        }
        return sum
    }

    /// The tensors that quantization changed most, worst first.
    public func worst(_ count: Int) -> [Tensor] {
        let changed = tensors.filter { $0.error.decibels != nil }
        let sorted = changed.sorted { ($0.error.decibels ?? 0, $0.name) < ($1.error.decibels ?? 0, $1.name) }
        return Array(sorted.prefix(count))
    }
}
