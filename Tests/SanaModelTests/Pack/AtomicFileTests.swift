import SanaModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite struct AtomicFileTests {
    @Test func theTargetAppearsWhenItIsWhole() throws {
        let folder = PackFolder()
        let target = "\(folder.path)/out"
        let file = try AtomicFile(target: target, overwrite: false)
        try file.write([1, 2, 3], at: 0)
        #expect(folder.names.count == 1 && folder.names[0].hasPrefix(".out.tmp-\(getpid())-"))
        try file.write([9], at: 1)
        try file.commit()
        #expect(folder.names == ["out"])
        #expect(try folder.read("out") == [1, 9, 3])
        file.abandon()
        #expect(folder.names == ["out"])
    }

    @Test func anExistingTargetIsLeftAloneUntilItIsReplaced() throws {
        let folder = PackFolder()
        let target = folder.write([7], as: "out")
        expect(.exists(path: target), .cannotCreate) { try AtomicFile(target: target, overwrite: false) }
        #expect(folder.names == ["out"])

        do {
            let file = try AtomicFile(target: target, overwrite: true)
            try file.write([1], at: 0)
            #expect(try folder.read("out") == [7])
        }
        #expect(folder.names == ["out"], "a file that is let go leaves nothing")
        #expect(try folder.read("out") == [7])

        let file = try AtomicFile(target: target, overwrite: true)
        try file.write([2], at: 0)
        try file.commit()
        #expect(try folder.read("out") == [2])
    }

    @Test func aTargetThatAppearsMeanwhileIsNotReplaced() throws {
        let folder = PackFolder()
        let target = "\(folder.path)/out"
        let file = try AtomicFile(target: target, overwrite: false)
        folder.write([7], as: "out")
        expect(.exists(path: target), .cannotCreate) { try file.commit() }
        #expect(folder.names == ["out"])
        #expect(try folder.read("out") == [7])
    }

    @Test func anAbandonedFileIsGoneAtOnce() throws {
        let folder = PackFolder()
        let target = "\(folder.path)/out"
        let file = try AtomicFile(target: target, overwrite: false)
        try file.write([1], at: 0)
        file.abandon()
        #expect(folder.names.isEmpty)
        expect(.abandoned(path: target), .interrupted) { try file.write([1], at: 1) }
        expect(.abandoned(path: target), .interrupted) { try file.commit() }
        #expect(folder.names.isEmpty)
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = PackFolder()
        let pipe = "\(folder.path)/pipe"
        unsafe #expect(mkfifo(pipe, 0o600) == 0)
        for target in [folder.path, "\(folder.path)/", "/dev/null", pipe, "", "\(folder.path)/a\0b"] {
            expect(.notAFile(path: target), .cannotCreate) { try AtomicFile(target: target, overwrite: true) }
        }
        #expect(folder.names == ["pipe"])
    }

    @Test func aFolderThatCannotBeWrittenIsRefused() throws {
        let folder = PackFolder()
        let missing = "\(folder.path)/none/out"
        expect(.cannotCreate(path: missing, code: ENOENT), .cannotCreate) {
            try AtomicFile(target: missing, overwrite: false)
        }
        let file = folder.write([1], as: "file")
        expect(.cannotCreate(path: "\(file)/out", code: ENOTDIR), .cannotCreate) {
            try AtomicFile(target: "\(file)/out", overwrite: false)
        }
        let error = #expect(throws: OutputError.self) {
            try AtomicFile(target: "/proc/sana-quant-out", overwrite: false)
        }
        #expect(error?.exitCode == .cannotCreate)
        guard geteuid() != 0 else { return }
        unsafe chmod(folder.path, 0o500)
        expect(.cannotCreate(path: "\(folder.path)/out", code: EACCES), .cannotCreate) {
            try AtomicFile(target: "\(folder.path)/out", overwrite: false)
        }
    }

    @Test func tooSmallADiskIsRefusedAtOnce() throws {
        let folder = PackFolder()
        let error = #expect(throws: OutputError.self) {
            try AtomicFile(target: "\(folder.path)/out", overwrite: false, expectedSize: 1 << 60)
        }
        guard case .noSpace(_, 1 << 60, _) = error else {
            Issue.record("found \(String(describing: error))")
            return
        }
        #expect(error?.exitCode == .inputOutput)
        #expect(folder.names.isEmpty)
    }

    @Test func symbolicLinksAreFollowed() throws {
        let folder = PackFolder()
        let target = folder.write([7], as: "real")
        unsafe #expect(symlink("real", "\(folder.path)/link") == 0)
        unsafe #expect(symlink("nowhere", "\(folder.path)/dangling") == 0)
        expect(.exists(path: target), .cannotCreate) {
            try AtomicFile(target: "\(folder.path)/link", overwrite: false)
        }
        let file = try AtomicFile(target: "\(folder.path)/link", overwrite: true)
        try file.write([8], at: 0)
        try file.commit()
        #expect(try folder.read("real") == [8])
        #expect(try folder.read("link") == [8])
        let new = try AtomicFile(target: "\(folder.path)/dangling", overwrite: false)
        try new.write([9], at: 0)
        try new.commit()
        #expect(try folder.read("nowhere") == [9])
        #expect(try folder.read("dangling") == [9])
        unsafe #expect(symlink("loop", "\(folder.path)/loop") == 0)
        expect(.cannotCreate(path: "\(folder.path)/loop", code: ELOOP), .cannotCreate) {
            try AtomicFile(target: "\(folder.path)/loop", overwrite: true)
        }
    }

    @Test func permissionsAreThoseOfAnyNewFile() throws {
        let folder = PackFolder()
        let file = try AtomicFile(target: "\(folder.path)/out", overwrite: false)
        try file.commit()
        let descriptor = unsafe open("\(folder.path)/plain", O_WRONLY | O_CREAT, 0o666)
        close(descriptor)
        var (out, plain) = (stat(), stat())
        unsafe stat("\(folder.path)/out", &out)
        unsafe stat("\(folder.path)/plain", &plain)
        #expect(out.st_mode == plain.st_mode)
    }

    @Test func leftoversOfKilledRunsAreRemoved() throws {
        let folder = PackFolder()
        let dead = try endedProcess()
        let kept = [
            ".other.tmp-\(dead)-12ab", ".out.tmp-\(dead)", ".out.tmp-x-12ab",
            ".out.tmp-\(dead)-xyz", ".out.tmp--1-12ab", "out.tmp-\(dead)-12ab",
        ]
        for name in kept + [".out.tmp-\(dead)-12ab", ".out.tmp-\(dead)-0"] { folder.write([1], as: name) }
        // The same process number again, and a run that is still going on.
        folder.write([1], as: ".out.tmp-\(getpid())-12ab")
        let running = try AtomicFile(target: "\(folder.path)/out", overwrite: false)
        let file = try AtomicFile(target: "\(folder.path)/out", overwrite: false)
        file.abandon()
        #expect(folder.names.count == kept.count + 1)
        running.abandon()
        #expect(folder.names == kept.sorted())
    }

    /// The number of a process that is no more.
    private func endedProcess() throws -> pid_t {
        var process: pid_t = 0
        let path = unsafe strdup("/bin/true")
        defer { unsafe free(path) }
        var arguments = unsafe [path, nil]
        try #require(unsafe posix_spawn(&process, "/bin/true", nil, nil, &arguments, nil) == 0)
        var status: Int32 = 0
        try #require(unsafe waitpid(process, &status, 0) == process)
        return process
    }

    private func expect(_ expected: OutputError, _ code: ExitCode, _ body: () throws -> some Any) {
        let error = #expect(throws: OutputError.self) { _ = try body() }
        #expect(error == expected)
        #expect(error?.exitCode == code)
        #expect(error?.description.hasSuffix(".") == true)
    }
}
