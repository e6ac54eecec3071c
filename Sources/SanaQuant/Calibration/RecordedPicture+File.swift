import SanaEdge
import SanaModel

extension RecordedPicture {
    /// What all names of a recorded picture's tensors begin with.
    static let prefix = "picture."

    /// The names of its tensors, without the picture's number.
    private enum Name {
        static let guidance = "guidance"
        static let inputs = "passes.latents"
        static let timesteps = "passes.timesteps"
        static let latents = "latents"
        static let pixels = "pixels"
        static func tokens(_ prompt: Int) -> String { "prompts.\(prompt).tokens" }
        static func states(_ prompt: Int) -> String { "prompts.\(prompt).states" }
        static func velocities(_ prompt: Int) -> String { "passes.velocities.\(prompt)" }
    }

    /// Adds the tensors of picture `index`.
    func add(to file: inout SafetensorsWriter, index: Int, _ configs: ModelConfigs) {
        func add(_ name: String, _ shape: [Int], _ values: [Float]) {
            file.add("\(Self.prefix)\(index).\(name)", shape: shape, values)
        }
        let shape = [configs.transformer.inChannels, height, width]
        add(Name.guidance, [1], [guidance])
        for (number, prompt) in prompts.enumerated() {
            let width = configs.textEncoder.width
            add(Name.tokens(number), [prompt.tokens.count], prompt.tokens.map(Float.init))
            add(Name.states(number), [prompt.states.count / width, width], prompt.states)
            add(Name.velocities(number), [passes.count] + shape, passes.flatMap { $0.velocities[number] })
        }
        add(Name.timesteps, [passes.count], passes.map(\.timestep))
        add(Name.inputs, [passes.count] + shape, passes.flatMap(\.latents))
        add(Name.latents, shape, latents)
        let factor = configs.decoder.factor
        add(Name.pixels, [factor * height, factor * width, configs.decoder.imageChannels], pixels)
    }

    /// The pictures of a calibration's file.
    ///
    /// - Parameter tensors: those whose names begin with `prefix`.
    /// - Throws: `CalibrationError`, `FileError`.
    static func list(
        _ tensors: [String: CheckpointTensor], _ configs: ModelConfigs, file: String
    ) throws -> [RecordedPicture] {
        var reader = RecordReader(tensors: tensors, file: file)
        var pictures: [RecordedPicture] = []
        repeat {
            pictures.append(try RecordedPicture(&reader, index: pictures.count, configs))
        } while pictures.count < countLimit && reader.holds("\(prefix)\(pictures.count).\(Name.guidance)")
        try reader.refuseOthers()
        return pictures
    }

    private init(_ reader: inout RecordReader, index: Int, _ configs: ModelConfigs) throws {
        func name(_ part: String) -> String { "\(Self.prefix)\(index).\(part)" }
        let channels = configs.transformer.inChannels
        let side = 1...Self.latentLimit
        let latents = try reader.values(name(Name.latents), [channels...channels, side, side])
        let (height, width) = (latents.shape[1], latents.shape[2])
        for length in [height, width] where !length.isMultiple(of: configs.transformer.patchSize) {
            throw CalibrationError.shape(
                file: reader.file, tensor: name(Name.latents), found: "F32 \(latents.shape)",
                expected: "sides that are multiples of \(configs.transformer.patchSize)")
        }
        let shape = latents.shape.map { $0...$0 }
        let timesteps = try reader.values(name(Name.timesteps), [1...Self.stepLimit]).values
        let inputs = try reader.values(name(Name.inputs), [timesteps.count...timesteps.count] + shape).values
        let guidance = try reader.values(name(Name.guidance), [1...1]).values[0]

        var (prompts, velocities): ([Prompt], [[Float]]) = ([], [])
        repeat {
            let number = prompts.count
            let tokens = try reader.tokens(
                name(Name.tokens(number)), 1...Self.tokenLimit, vocabulary: configs.textEncoder.vocabulary)
            let columns = configs.textEncoder.width
            let states = try reader.values(name(Name.states(number)), [1...tokens.count, columns...columns])
            prompts.append(Prompt(tokens: tokens, states: states.values))
            velocities.append(
                try reader.values(
                    name(Name.velocities(number)), [timesteps.count...timesteps.count] + shape
                ).values)
        } while prompts.count < 2 && reader.holds(name(Name.tokens(prompts.count)))

        let size = latents.values.count
        passes = timesteps.enumerated().map { step, timestep in
            let range = step * size..<(step + 1) * size
            return TransformerPass(
                latents: Array(inputs[range]), timestep: timestep,
                velocities: velocities.map { Array($0[range]) }
            )
        }
        let factor = configs.decoder.factor
        let sides = [factor * height, factor * width, configs.decoder.imageChannels]
        pixels = try reader.values(name(Name.pixels), sides.map { $0...$0 }).values
        (self.prompts, self.guidance) = (prompts, guidance)
        (self.height, self.width, self.latents) = (height, width, latents.values)
    }

    /// The greatest side of latents, and the most tokens of a prompt, that a file may have.
    private static let latentLimit = 64
    private static let tokenLimit = 4096
}

/// The tensors of recorded pictures in a file, each taken once.
private struct RecordReader {
    let file: String
    private var tensors: [String: CheckpointTensor]

    init(tensors: [String: CheckpointTensor], file: String) {
        (self.tensors, self.file) = (tensors, file)
    }

    func holds(_ name: String) -> Bool { tensors[name] != nil }

    /// A float32 tensor of finite numbers whose dimensions lie in these ranges.
    mutating func values(
        _ name: String, _ shape: [ClosedRange<Int>]
    ) throws -> (shape: [Int], values: [Float]) {
        guard let tensor = tensors.removeValue(forKey: name) else {
            throw CalibrationError.missing(file: file, tensor: name)
        }
        guard tensor.type == .f32, tensor.shape.count == shape.count,
            zip(tensor.shape, shape).allSatisfy({ $1.contains($0) })
        else {
            let expected = shape.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0)" }.joined(separator: ", ")
            throw CalibrationError.shape(
                file: file, tensor: name, found: "\(tensor.type.name) \(tensor.shape)",
                expected: "F32 [\(expected)]")
        }
        let bytes = try tensor.readBytes(elements: 0..<tensor.elementCount)
        let values = RowQuantizer.widen(bytes, as: .f32)
        guard values.allSatisfy(\.isFinite) else { throw CalibrationError.values(file: file, tensor: name) }
        return (tensor.shape, values)
    }

    mutating func tokens(_ name: String, _ count: ClosedRange<Int>, vocabulary: Int) throws -> [Int32] {
        try values(name, [count]).values.map { value in
            guard let token = Int32(exactly: value), (0..<vocabulary).contains(Int(token)) else {
                throw CalibrationError.values(file: file, tensor: name)
            }
            return token
        }
    }

    func refuseOthers() throws(CalibrationError) {
        if let name = tensors.keys.min() { throw .unexpected(file: file, tensor: name) }
    }
}
