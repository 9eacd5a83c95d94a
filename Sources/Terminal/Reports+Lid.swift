// Can I close the lid: what is only on this laptop, who else holds what the centre has not confirmed, what is not saved yet.

package import Supervision

extension Reports {
    /// The answer in the first line, then who else holds what.
    ///
    /// - Parameters:
    ///   - unconfirmed: own entries that the centre has not confirmed; `onlyHere` of them are on no other laptop either.
    ///   - alsoOn: the names of the laptops that hold the others.
    ///   - drafts: what was begun and not saved.
    package static func lid(unconfirmed: Int, onlyHere: Int, alsoOn: [String], drafts: Int, _ t: Language) -> [String] {
        let unsaved = t("\(drafts) 份草稿没有保存", drafts == 1 ? "1 draft is not saved" : "\(drafts) drafts are not saved")
        guard unconfirmed > 0 else {
            guard drafts > 0 else {
                return [t("可以合上电脑：你写的中心都已签收。", "You can close the lid: the centre has confirmed all you wrote.")]
            }
            return [t("还不能放心：\(unsaved)。存过的中心都已签收。", "Not yet: \(unsaved). The centre has confirmed all you saved.")]
        }
        let also = drafts == 0 ? "" : t("，\(unsaved)", ", \(unsaved)")
        let names = alsoOn.map { Screen.safe($0) }.joined(separator: t("、", ", "))
        let others = unconfirmed - onlyHere
        guard onlyHere > 0 else {
            return [
                t(
                    "中心还没有签收 \(others) 条，但别的电脑上也有\(also)。有网络时请同步。",
                    "Not yet at the centre: \(others == 1 ? "1 entry" : "\(others) entries"), but on other laptops too\(also). Sync when there is a network."
                ), t("也在这里：", "Also on: ") + names,
            ]
        }
        let first = t(
            "还不能放心：有 \(onlyHere) 条只在本机\(also)，中心还没有签收。有网络时请同步，并保管好这台电脑。",
            "Not yet: \(onlyHere == 1 ? "1 entry is" : "\(onlyHere) entries are") only here\(also), the centre has not confirmed them. Sync when there is a network."
        )
        guard others > 0 else { return [first] }
        return [first, t("另有 \(others) 条中心还没有签收，但也在这里：", "\(others) more are not yet at the centre, but also on: ") + names]
    }
}
