import SanaEdge
import Testing

@Suite struct ProcessorsTests {
    @Test func thereIsAtLeastOneProcessor() {
        #expect((1...Compute.maximumThreads).contains(Compute.availableProcessors))
    }

    @Test(arguments: [("0", 1), ("0-3", 4), ("0-3,8,10-11", 7), ("5,7", 2)])
    func allowedProcessorsAreCounted(list: String, count: Int) {
        #expect(
            Compute.allowedProcessors(status: "Name:\tx\nCpus_allowed_list:\t\(list)\nMems:\t0\n") == count)
    }

    @Test(arguments: ["", "Cpus_allowed_list:\t\n", "Cpus_allowed_list:\tx-y\n", "Cpus_allowed_list:\t3-1\n"])
    func unreadableListsCountAsUnknown(status: String) {
        #expect(Compute.allowedProcessors(status: status) == nil)
    }

    static let unified = "0::/system.slice/box\n"
    static let legacy = "4:memory:/box\n1:cpu,cpuacct:/box\n0::/\n"

    @Test(
        arguments: [
            (unified, ["/sys/fs/cgroup/system.slice/box/cpu.max": "150000 100000\n"], 2),
            (unified, ["/sys/fs/cgroup/system.slice/cpu.max": "400000 100000\n"], 4),
            (
                unified,
                [
                    "/sys/fs/cgroup/system.slice/cpu.max": "100000 100000\n",
                    "/sys/fs/cgroup/system.slice/box/cpu.max": "max 100000\n",
                ], 1
            ),
            // In a container the group's own path does not exist and its root is the mount.
            (unified, ["/sys/fs/cgroup/cpu.max": "50000 100000\n"], 1),
            (
                legacy,
                [
                    "/sys/fs/cgroup/cpu/box/cpu.cfs_quota_us": "250000\n",
                    "/sys/fs/cgroup/cpu/box/cpu.cfs_period_us": "100000\n",
                ], 3
            ),
            (
                legacy,
                [
                    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                ], nil
            ),
            (unified, ["/sys/fs/cgroup/cpu.max": "max 100000\n"], nil),
            (unified, ["/sys/fs/cgroup/cpu.max": "rubbish"], nil),
            ("", [:], nil),
        ] as [(String, [String: String], Int?)])
    func quotasOfControlGroupsAreHonoured(membership: String, files: [String: String], processors: Int?) {
        #expect(ControlGroup.processors(membership: membership) { files[$0] } == processors)
    }
}
