import SanaModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The signal that asked the run to stop, or 0.
private let signalReceived = Atomic<Int32>(0)

/// When it came, in milliseconds of the monotonic clock, or 0.
private let timeReceived = Atomic<Int>(0)

/// Ctrl-C, SIGTERM and SIGHUP, noticed between two pieces of work.
///
/// The first signal asks the run to stop. Another soon after it changes nothing, so that what is half-written goes; a
/// later Ctrl-C or SIGTERM ends the run at once.
enum Interruption {
    /// Milliseconds. Not stored: a handler must not be what makes it.
    private static var patience: Int { 3000 }

    /// From here on the first signal only sets a flag, and a broken pipe or a file that may not grow is an error of the
    /// write.
    static func install() {
        _ = signalReceived.load(ordering: .relaxed)
        _ = timeReceived.load(ordering: .relaxed)
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { number in
            var now = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &now)
            let time = 1 + now.tv_sec * 1000 + now.tv_nsec / 1_000_000
            let (isFirst, first) = timeReceived.compareExchange(
                expected: 0, desired: time, ordering: .relaxed)
            if isFirst {
                signalReceived.store(number, ordering: .relaxed)
            } else if number != SIGHUP, time - first > Interruption.patience {
                // SIGHUP may come several times from a terminal that is closed.
                signal(number, SIG_DFL)
                raise(number)
            }
        }
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
