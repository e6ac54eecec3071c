import SanaEdge
import SanaModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A picture of the run and where it goes.
struct PictureJob {
    /// UTF-8.
    let prompt: [UInt8]
    /// UTF-8.
    let negativePrompt: [UInt8]
    let seed: Int
    let output: String
    let savedLatents: String?

    var outputs: [String] { [output] + (savedLatents.map { [$0] } ?? []) }

    func request(latents: Latents?) -> GenerationRequest {
        GenerationRequest(
            prompt: prompt, negativePrompt: negativePrompt, seed: UInt64(seed), latents: latents)
    }

    /// Every picture that the options ask for: each prompt `count` times.
    ///
    /// - Parameter seed: The pack's default.
    static func list(
        _ prompts: [Prompt], _ options: PromptOptions, _ outputs: OutputOptions, seed: Int
    ) throws(UsageError) -> [PictureJob] {
        let copies = options.count ?? 1
        let count = prompts.count * copies
        var jobs: [PictureJob] = []
        for (line, prompt) in prompts.enumerated() {
            for copy in 0..<copies {
                let offset = prompt.seed == nil ? line + copy : copy
                let first = prompt.seed ?? options.seed ?? seed
                let (seed, isTooLarge) = first.addingReportingOverflow(offset)
                guard !isTooLarge else {
                    throw UsageError("The seed \(first) plus \(offset) is above \(Int.max).")
                }
                jobs.append(
                    PictureJob(
                        prompt: prompt.text,
                        negativePrompt: prompt.negative ?? Array((options.negativePrompt ?? "").utf8),
                        seed: seed,
                        output: numbered(outputs.output, jobs.count, of: count),
                        savedLatents: outputs.saveLatents.map { numbered($0, jobs.count, of: count) }))
            }
        }
        return jobs
    }
}

extension PromptOptions {
    /// The prompts of the file, or the one of the command line.
    ///
    /// - Throws: `UsageError`; what reading and parsing the file throws.
    func readPrompts() throws -> [Prompt] {
        let copies = count ?? 1
        guard (1...Self.countLimit).contains(copies) else {
            throw UsageError("The count is \(copies), expected 1 to \(Self.countLimit).")
        }
        if let seed, seed < 0 { throw UsageError("The seed is \(seed), expected 0 to \(Int.max).") }
        for (option, text) in [("--prompt", prompt), ("--negative-prompt", negativePrompt)] {
            if let text, text.utf8.count > Prompt.lengthLimit {
                throw UsageError(
                    "\(option) has \(text.utf8.count) bytes, at most \(Prompt.lengthLimit) are allowed.")
            }
        }
        switch (prompt, prompts) {
        case (let text?, nil):
            return [Prompt(text: Array(text.utf8))]
        case (nil, let file?):
            return try PromptsFile.read(file)
        case (nil, nil):
            throw UsageError("There is nothing to draw: give --prompt or --prompts.")
        case (_?, _?):
            throw UsageError("Give --prompt or --prompts, not both.")
        }
    }
}

extension PromptsFile {
    /// The prompts of a file; `-` is standard input.
    ///
    /// - Throws: what reading and parsing throw.
    static func read(_ path: String) throws -> [Prompt] {
        path == "-"
            ? try parse(readStandardInput(limit: sizeLimit), name: "standard input")
            : try parse(readWholeFile(path, limit: sizeLimit), name: path)
    }
}

/// All of standard input.
private func readStandardInput(limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = unsafe piece.withUnsafeMutableBytes {
            unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
        }
        if count < 0 {
            let code = errno
            try Interruption.check()
            if code == EINTR { continue }
            throw FileError.unreadable(path: "standard input", code: code)
        }
        if count == 0 { return bytes }
        bytes += piece[..<count]
        guard bytes.count <= limit else {
            throw FileError.tooLarge(path: "standard input", size: bytes.count, limit: limit)
        }
    }
}
