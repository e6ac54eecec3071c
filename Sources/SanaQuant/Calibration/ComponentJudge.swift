import SanaEdge
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Tells how near a pack's components come to what a reference gave for the same inputs.
///
/// Each component reads what the reference's read, so that one's faults are not another's. Layers are read from the
/// pack when their turn comes and given back.
struct ComponentJudge {
    let pictures: [RecordedPicture]
    let compute: Compute

    /// Signal to noise in dB: of the hidden states of each prompt, of the velocities of each pass or of each picture.
    /// Without bound below where a number is not finite.
    ///
    /// - Parameters:
    ///   - pack: has all tensors of the component.
    ///   - step: is called several times and may throw to stop.
    func levels(_ component: Component, _ pack: PackReader, step: () throws -> Void) throws -> [Double] {
        defer { compute.releaseMemory() }
        let loader = WeightLoader(pack: pack, compute: compute, component: component)
        do {
            switch component {
            case .textEncoder: return try hiddenStates(pack.configs.textEncoder, loader, step)
            case .transformer: return try velocities(pack.configs.transformer, loader, step)
            case .decoder: return try decoded(pack.configs.decoder, loader, step)
            }
        } catch is ActivationError {
            return [-.infinity]
        }
    }

    private func hiddenStates(
        _ config: TextEncoderConfig, _ loader: WeightLoader, _ step: () throws -> Void
    ) throws -> [Double] {
        let prompts = pictures.flatMap(\.prompts)
        let encoder = try TextEncoder(config, loader: loader, keeping: 0)
        let states = try encoder.encode(
            prompts.map { TextEncoderInput($0.tokens) }, step: { _ in try step() })
        return zip(prompts, states).map { prompt, states in
            let last = prompt.states.count / config.width - 1
            let seen = states.rows(0..<1).array + states.rows(states.rows - last..<states.rows).array
            return decibels([(seen, prompt.states)])
        }
    }

    private func velocities(
        _ config: TransformerConfig, _ loader: WeightLoader, _ step: () throws -> Void
    ) throws -> [Double] {
        let transformer = try Transformer(config, loader: loader, keeping: 0, keepsPromptProjections: false)
        return try pictures.flatMap { picture in
            let scratch = transformer.scratch(
                batch: picture.prompts.count, height: picture.height, width: picture.width)
            let contexts = try picture.prompts.map { prompt in
                let rows = prompt.states.count / config.captionChannels
                return try transformer.context(
                    text: Matrix(rows: rows, columns: config.captionChannels, prompt.states))
            }
            return try picture.passes.map { pass in
                let velocities = try transformer(
                    pass.latents, timestep: pass.timestep, guidance: picture.guidance, contexts: contexts,
                    scratch: scratch, step: step)
                return decibels(Array(zip(velocities, pass.velocities)))
            }
        }
    }

    private func decoded(
        _ config: DecoderConfig, _ loader: WeightLoader, _ step: () throws -> Void
    ) throws -> [Double] {
        let decoder = try Decoder(config, loader: loader, keeping: 0)
        return try pictures.map { picture in
            let pixels = try decoder(picture.latents, height: picture.height, width: picture.width) { _, _ in
                try step()
            }
            return decibels([(pixels.array, picture.pixels)])
        }
    }

    /// 10 log10(signal / noise) over all values.
    private func decibels(_ pairs: [(found: [Float], expected: [Float])]) -> Double {
        var (signal, noise) = (0.0, 0.0)
        for (found, expected) in pairs {
            for (found, expected) in zip(found, expected) {
                signal += Double(expected) * Double(expected)
                noise += Double(found - expected) * Double(found - expected)
            }
        }
        guard signal > 0 else { return 0 }
        // What no bit has changed counts as float32's own noise.
        return 10 * log10(signal / max(noise, signal * 1e-15))
    }
}
