import SanaModel

extension ModelConfigs {
    /// The inputs that a calibration measures, with their channels: those of matrices and 3x3 convolutions.
    var calibratedInputs: [String: Int] {
        var inputs: [String: Int] = [:]
        for spec in tensors {
            if let name = spec.inputName { inputs[name] = spec.shape[1] }
        }
        return inputs
    }

    /// What tells architectures apart: a hash of the names and shapes of all tensors.
    var fingerprint: String {
        let text = tensors.map { "\($0.packName) \($0.shape)\n" }.joined()
        return hexadecimal(XXH64.hash(Array(text.utf8)))
    }
}

extension TensorSpec {
    /// The name under which the engine tells what the layer of this weight reads: of layers that read the same, the
    /// first one's. Nil where the tensor is no weight that can be quantized.
    var inputName: String? {
        switch kind {
        case .linear, .convolution, .upsamplingConvolution: break
        default: return nil
        }
        let layer = String(packName.dropLast(".weight".count))
        guard let dot = layer.lastIndex(of: ".") else { return layer }
        let (parent, last) = (layer[..<dot], layer[layer.index(after: dot)...])
        switch last {
        // Keys and values of cross-attention read the prompt.
        case "to_v" where parent.hasSuffix(".attn2"): return "\(parent).to_k"
        case "to_k" where parent.hasSuffix(".attn2"): return layer
        case "to_k", "to_v": return "\(parent).to_q"
        case "k_proj", "v_proj": return "\(parent).q_proj"
        case "up_proj": return "\(parent).gate_proj"
        default: return layer
        }
    }
}
