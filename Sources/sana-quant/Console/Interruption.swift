import SanaModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The signal that asked the run to stop, or 0.
private let signalReceived = Atomic<Int32>(0)

/// Ctrl-C, SIGTERM and SIGHUP, noticed between two pieces of work.
///
/// The first signal asks the run to stop; a second Ctrl-C or SIGTERM ends it at once.
enum Interruption {
    /// From here on signals only set a flag, and a broken pipe or a file that may not grow is an error of the write.
    static func install() {
        _ = signalReceived.load(ordering: .relaxed)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { signal in
            signalReceived.store(signal, ordering: .relaxed)
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        // A parent may have blocked them for us.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM] {
            unsafe sigaction(signal, &action, nil)
            unsafe sigaddset(&signals, signal)
        }
        // `nohup` has it ignored.
        var old = sigaction()
        unsafe sigaction(SIGHUP, nil, &old)
        let isIgnored = unsafe unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == 1
        if !isIgnored {
            // A terminal that is closed may send several.
            action.sa_flags = 0
            unsafe sigaction(SIGHUP, &action, nil)
            unsafe sigaddset(&signals, SIGHUP)
        }
        unsafe sigprocmask(SIG_UNBLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Throws `Interrupted` once a signal has come.
    static func check() throws(Interrupted) {
        let signal = signalReceived.load(ordering: .relaxed)
        if signal != 0 { throw Interrupted(signal: signal) }
    }
}

/// A signal asked the run to stop.
struct Interrupted: Failure {
    let signal: Int32

    var exitCode: SanaModel.ExitCode { signal == SIGINT ? .interrupted : .terminated }

    var description: String {
        let cause = signal == SIGINT ? "Ctrl-C" : signal == SIGTERM ? "SIGTERM" : "SIGHUP"
        return "Stopped by \(cause); nothing is left half-written."
    }
}
