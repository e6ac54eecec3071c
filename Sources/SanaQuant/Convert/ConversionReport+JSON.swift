import SanaModel

extension ConversionReport {
    /// The report as `convert --json` prints it. Sizes are bytes, ratios dB; `sqnr` is null where the stored values
    /// are the checkpoint's.
    public var json: JSON {
        [
            "path": .string(path),
            "policy": .string(policy),
            "bytesBefore": .integer(bytesBefore),
            "bytesAfter": .integer(bytesAfter),
            "seconds": .number(seconds),
            "adapters": .array(adapters.map(\.json)),
            "calibration": calibration.map { .string($0.path) } ?? .null,
            "judgement": .array(calibration?.verdicts.map(\.json) ?? []),
            "notes": .array(calibration?.notes.map { .string($0) } ?? []),
            "components": .array(Component.allCases.map(json)),
            "tensors": .array(tensors.map(\.json)),
        ]
    }

    private func json(_ component: Component) -> JSON {
        let schemes = Scheme.allCases.filter { sum(component, $0).tensors > 0 }
        var members = sum(component).members(name: component.rawValue)
        members["schemes"] = .array(schemes.map { .object(sum(component, $0).members(name: $0.name)) })
        return .object(members)
    }
}

extension ConversionReport.Sum {
    fileprivate func members(name: String) -> JSONObject {
        var members = JSONObject()
        members["name"] = .string(name)
        members["tensors"] = .integer(tensors)
        members["bytesBefore"] = .integer(bytesBefore)
        members["bytesAfter"] = .integer(bytesAfter)
        return members
    }
}

extension ConversionReport.Tensor {
    fileprivate var json: JSON {
        [
            "name": .string(name),
            "scheme": .string(scheme.name),
            "reason": reason.map { .string($0) } ?? .null,
            "sqnr": error.decibels.map { .number($0) } ?? .null,
            "worstRow": error.worstRow.map { .integer($0.index) } ?? .null,
            "worstRowSQNR": error.worstRow.map { .number($0.decibels) } ?? .null,
            "calibration": calibration?.json ?? .null,
            "type": .string(elementType.name),
            "shape": .array(shape.map { .integer($0) }),
            "bytesBefore": .integer(bytesBefore),
            "bytesAfter": .integer(bytesAfter),
        ]
    }
}

extension CalibrationOutcome {
    fileprivate var json: JSON {
        [
            "plainSQNR": plainDecibels.map { .number($0) } ?? .null,
            "sqnr": decibels.map { .number($0) } ?? .null,
            "alpha": alpha.map { .number($0) } ?? .null,
            "searchedScales": .bool(hasSearchedScales),
        ]
    }
}
