import SanaModel

/// Writes a pack's transformer as safetensors with the names of compressed-tensors.
public struct Exporter: Sendable {
    static let weightsName = "diffusion_pytorch_model.safetensors"
    static let configurationName = "config.json"
    static let licenceName = "LICENSE"

    /// The pack.
    public var pack: String
    /// The folder that the files go into.
    public var output: String
    public var overwrite = false

    public init(pack: String, output: String) {
        self.pack = pack
        self.output = output
    }

    /// Writes the files and tells what is in them. Each appears whole or not at all, the configuration last.
    ///
    /// `progress` takes the bytes of weights that are done and all of them; it may throw to stop, and nothing is left
    /// behind then. Throws a `Failure`.
    public func run(progress: (Int, Int) throws -> Void) throws -> ExportReport {
        let reader = try PackReader(path: pack)
        try refuseUnknown(reader)
        let tensors = try ExportedTensor.list(reader)
        let configuration = try ExportedConfiguration(reader)
        let layout = SafetensorsLayout(tensors.map(\.tensor))
        let licence = try reader.blob(.licence)

        let folder = try OutputFolder(output)
        do {
            func file(_ name: String, size: Int) throws -> AtomicFile {
                let path = "\(output)/\(name)"
                guard !isSameFile(path, pack) else { throw ExportError.outputIsInput(output: path) }
                return try AtomicFile(target: path, overwrite: overwrite, expectedSize: size)
            }
            let weights = try file(Self.weightsName, size: layout.fileSize)
            let text = Array((configuration.json.serialized(pretty: true) + "\n").utf8)
            var others = [(try file(Self.configurationName, size: text.count), text)]
            if let licence {
                others.insert((try file(Self.licenceName, size: licence.count), licence), at: 0)
            }

            try write(tensors, of: reader, layout, to: weights, progress: progress)
            for (file, bytes) in others { try file.write(bytes, at: 0) }
            try weights.commit()
            for (file, _) in others { try file.commit() }
            let written = [weights] + others.map(\.0)
            return ExportReport(
                files: written.map(\.target),
                bytes: layout.fileSize + others.reduce(0) { $0 + $1.1.count },
                layers: configuration.layers.reduce(0) { $0 + $1.value.count },
                convolutions: configuration.convolutions.count)
        } catch {
            folder.removeIfNew()
            throw error
        }
    }

    /// Refuses packs whose numbers are not the weights alone.
    private func refuseUnknown(_ reader: PackReader) throws(ExportError) {
        guard !reader.manifest.isCalibrated else { throw .calibrated(pack: pack) }
    }

    private func write(
        _ tensors: [ExportedTensor], of reader: PackReader, _ layout: SafetensorsLayout,
        to file: AtomicFile, progress: (Int, Int) throws -> Void
    ) throws {
        try file.write(layout.header, at: 0)
        for (tensor, start) in zip(tensors, layout.offsets) {
            var offset = start
            for chunk in 0..<tensor.source.chunkCount {
                let bytes = try reader.chunk(tensor.source, chunk)
                try file.write(bytes, at: offset)
                offset += bytes.count
                try progress(offset, layout.fileSize)
            }
        }
    }
}

/// What an export wrote.
public struct ExportReport: Sendable {
    /// Paths, the weights' first.
    public let files: [String]
    public let bytes: Int
    /// Quantized layers.
    public let layers: Int
    /// Of these, 1x1 convolutions.
    public let convolutions: Int
}

/// A pack that cannot be exported as it is asked for.
public enum ExportError: Failure, Equatable {
    case calibrated(pack: String)
    case outputIsInput(output: String)

    public var exitCode: ExitCode { .usage }

    public var description: String {
        switch self {
        case .calibrated(let pack):
            """
            \(quoted(pack)) was converted with measured activations, which are smoothed before each layer; such a \
            layer's weights are not the model's own, so export a pack that was converted without --calibration.
            """
        case .outputIsInput(let output):
            "The output \(quoted(output)) is the pack itself; name another folder."
        }
    }
}
