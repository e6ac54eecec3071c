import SanaEdge
import WideTier

extension Tier {
    /// This CPU's tiers, and one whose panels are no power of two, as those of a tier are that another CPU has.
    package static let tested: [Tier] = available + [unsafe Tier(kernels: wide_tier())]
}
