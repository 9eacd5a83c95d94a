#!/usr/bin/env python3
"""What a day in a township writes: JSON lines for `dundian record new --file`, entirely made up, the same for the same seed.

    day.py edits COUNT SEED       talk notes and findings of a day's kind, a few hundred characters each
    day.py bulk BYTES SEED        a stranger's news: long notes, so many bytes of text in all
    day.py size FILE              what the lines of FILE take compressed with zstd, whole: the yardstick
"""
import json
import random
import subprocess
import sys

WORDS = ("镇政府 村委会 项目 资金 台账 公示 群众 反映 干部 走访 会议 记录 整改 方案 检查 合同 验收 补贴 名单 申请 审批 账目 收支 道路 水渠 危房 低保 医保 学校 "
         "食堂 采购 招标 质量 进度 拖延 沟通 责任 分工 落实 核实 说明 情况 问题 原因 措施 下一步 月底 以前 完成 报告 材料 照片 签字 盖章 通知 传达 学习 讨论 意见 建议 "
         "同意 不同意 保留 补充 更正 重复 遗漏 及时 认真 基本 部分 个别 多数 少数 先后 共计 分别 主要 其中 目前 此前 今后")


CHARACTERS = sorted(set("".join(WORDS.split())))


def text(chance, characters):
    """Clauses of characters drawn with a skew, some with a number: about as hard to compress as notes are."""
    out = []
    count = 0
    while count < characters:
        clause = "".join(CHARACTERS[int(chance.random() ** 2 * len(CHARACTERS))] for _ in range(chance.randint(5, 12)))
        if chance.random() < 0.2:
            clause += "%d" % chance.randint(2, 9_999)
        clause += chance.choice("，，，。；")
        out.append(clause)
        count += len(clause)
    return "".join(out)[:characters] + "。"


def main():
    what = sys.argv[1]
    if what == "size":
        data = open(sys.argv[2], "rb").read()
        print(len(subprocess.run(["zstd", "-q", "-3", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout))
        return
    amount, chance = int(sys.argv[2]), random.Random(int(sys.argv[3]))
    if what == "edits":
        for i in range(amount):
            if i % 4:
                fields = {"place": "办公楼一层", "other": text(chance, chance.randint(100, 240)), "work": text(chance, chance.randint(60, 160))}
                print(json.dumps({"scope": "township", "type": "talk", "fields": fields}, ensure_ascii=False))
            else:
                fields = {"title": text(chance, 18), "account": text(chance, chance.randint(100, 240))}
                print(json.dumps({"scope": "township", "type": "finding", "fields": fields}, ensure_ascii=False))
    else:
        written = 0
        while written < amount:
            note = text(chance, 1_500)
            written += len(note.encode())
            print(json.dumps({"scope": "township", "type": "talk", "fields": {"other": note}}, ensure_ascii=False))


main()
