// How the page looks, on the screen and on A4: an official document, set in Song with Hei headings, dense but calm. Colour says
// nothing that a word does not say too, so that a black and white print loses nothing.

enum PageStyle {
    static let rules: StaticString = """
        :root { --ink: #1d1d1f; --faint: #6b6b70; --line: #b9b4aa; --shade: #f5f2ec; --seal: #a3201d; --wait: #fdf1cf; }
        * { box-sizing: border-box; }
        html { background: #e9e6e0; color: var(--ink); color-scheme: light; -webkit-text-size-adjust: 100%; }
        body { margin: 0; padding: 24px 12px 48px;
          font: 15px/1.7 "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", SimSun, "Noto Serif", serif; }
        main { max-width: 210mm; margin: 0 auto; padding: 18mm 16mm 16mm; background: #fff; box-shadow: 0 1px 6px rgb(0 0 0 / .18); }
        main[lang="en"] { font-family: "Noto Serif", Georgia, "Times New Roman", "Noto Serif CJK SC", SimSun, serif; font-size: 14px; }
        input[name="language"] { position: absolute; opacity: 0; pointer-events: none; }
        main.en { display: none; }
        #switch-en:checked ~ main.en { display: block; }
        #switch-en:checked ~ main.zh { display: none; }
        .switch { max-width: 210mm; margin: 0 auto 10px; text-align: right; font-size: 13px; }
        .switch label { padding: 2px 10px; color: var(--faint); cursor: pointer; }
        #switch-zh:checked ~ .switch label[for="switch-zh"], #switch-en:checked ~ .switch label[for="switch-en"] {
          color: var(--ink); border-bottom: 2px solid var(--seal); }
        #switch-zh:focus-visible ~ .switch label[for="switch-zh"], #switch-en:focus-visible ~ .switch label[for="switch-en"] {
          outline: 2px solid var(--seal); }
        h1, h2, th, dt, caption, .mark, .restricted, .secrecy {
          font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", SimHei, "Noto Sans", sans-serif; }
        header { padding-bottom: 12px; border-bottom: 3px double var(--seal); text-align: center; }
        h1 { margin: 0; font-size: 25px; line-height: 1.4; letter-spacing: .06em; overflow-wrap: anywhere; }
        [lang="en"] h1 { letter-spacing: 0; }
        .subtitle { margin: 8px 0 0; color: var(--faint); }
        .secrecy { float: left; margin: 0; padding: 0 8px; border: 1.5px solid var(--seal); color: var(--seal); font-size: 13px; }
        .summary { display: grid; grid-template-columns: repeat(7, 1fr); margin: 20px 0 6px; border: 1px solid var(--line);
          border-width: 1px 0; text-align: center; }
        .summary div { padding: 10px 4px 8px; border-left: 1px solid var(--line); display: flex; flex-direction: column;
          justify-content: space-between; }
        .summary div:first-child { border-left: 0; }
        .summary dt { color: var(--faint); font-size: 12px; line-height: 1.35; }
        .summary dd { margin: 4px 0 0; font-size: 19px; line-height: 1.3; font-variant-numeric: tabular-nums; }
        .summary .urgent dd { color: var(--seal); font-weight: 700; }
        section { margin-top: 24px; }
        h2 { margin: 0 0 8px; font-size: 16.5px; line-height: 1.5; break-after: avoid; }
        table { width: 100%; border-collapse: collapse; font-size: 13px; line-height: 1.55; margin: 0 0 12px; }
        [lang="en"] table { font-size: 12.5px; }
        caption { text-align: left; color: var(--faint); font-size: 12.5px; padding-bottom: 4px; }
        th, td { padding: 4px 7px; border: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        thead th { background: var(--shade); font-weight: 500; font-size: 12.5px; }
        .narrow { min-width: 4.2em; }
        .wide { min-width: 8em; }
        .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; width: 4.5em; }
        thead th.number { white-space: normal; min-width: 4.8em; }
        .side thead th.number { white-space: nowrap; }
        .time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .total td { font-weight: 700; background: var(--shade); }
        .facts th { width: 9em; font-weight: 500; background: var(--shade); font-size: 12.5px; }
        .side { display: flex; flex-wrap: wrap; gap: 0 18px; align-items: flex-start; }
        .side table { flex: 1 1 13em; width: auto; }
        .note { margin: 0 0 10px; color: var(--faint); font-size: 13.5px; }
        .contested { background: var(--wait); border-bottom: 1px solid #c08a00; }
        .or { color: #6a5000; }
        .mark { display: inline-block; margin-left: 4px; padding: 0 5px; border: 1px solid #c08a00; border-radius: 2px;
          background: #fff; color: #7a5600; font-size: 11.5px; line-height: 1.5; text-decoration: none; white-space: nowrap; }
        tr:target td { background: var(--wait); }
        .restricted { display: inline-block; margin-right: 5px; padding: 0 4px; border: 1px solid var(--seal); color: var(--seal);
          font-size: 11.5px; line-height: 1.5; white-space: nowrap; }
        footer { margin-top: 28px; padding-top: 10px; border-top: 1px solid var(--line); color: var(--faint); font-size: 12.5px; }
        footer ul { margin: 0 0 6px; padding-left: 1.4em; }
        footer p { margin: 0; }
        @media (max-width: 700px) {
          body { padding: 0; }
          main { padding: 20px 14px; box-shadow: none; }
          .summary { grid-template-columns: repeat(3, 1fr); }
          section { overflow-x: auto; }
        }
        @page { size: A4; margin: 18mm 16mm 18mm;
          @bottom-center { content: counter(page) " / " counter(pages); font: 9pt serif; color: #555; } }
        @media print {
          html { background: none; }
          body { padding: 0; font-size: 10.5pt; line-height: 1.6; }
          main, main[lang="en"] { max-width: none; margin: 0; padding: 0; box-shadow: none; font-size: 10.5pt; }
          .switch { display: none; }
          h1 { font-size: 18pt; }
          h2 { font-size: 12.5pt; }
          table, [lang="en"] table { font-size: 9pt; }
          thead { display: table-header-group; }
          tr, .summary, .side table { break-inside: avoid; }
          section.long { break-before: page; }
          .mark { color: #000; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          p, li { orphans: 2; widows: 2; }
        }

        """
}
