import SanaModel

/// A duration: `0.42 s`, `12.3 s`, `3:05`, `1:02:03`.
func time(_ duration: Duration) -> String {
    let seconds = duration.inSeconds
    if seconds < 9.995 { return "\(fixed(seconds, 2)) s" }
    if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
    let whole = Int(min(seconds.rounded(), 1e9))
    func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = whole / 60 % 60
    return whole < 3600
        ? "\(minutes):\(twoDigits(whole % 60))"
        : "\(whole / 3600):\(twoDigits(minutes)):\(twoDigits(whole % 60))"
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
