namespace Fovea.Reports;

/// <summary>How a report looks, on screens and on paper.</summary>
internal static class Style
{
    public const string Sheet = """
        :root { --page: #f6f7f9; --card: #ffffff; --ink: #1c2430; --soft: #5d6878; --line: #dfe3e9; --accent: #2563c9; --good: #1d7f4e; --bad: #c23b3b;
          --c0: #2563c9; --c1: #d9792b; --c2: #2a9464; --c3: #a1459c; --c4: #c2a414; --c5: #3aa6b9; --c6: #c23b3b; --c7: #6b7280; --heat: 37, 99, 201; }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
        h1 { font-size: 26px; margin: 0; line-height: 1.25; } h2 { font-size: 19px; margin: 38px 0 12px; } h3 { font-size: 15px; margin: 0 0 8px; }
        p { margin: 6px 0 12px; max-width: 75ch; } .soft { color: var(--soft); }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; margin: 0; }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 18px; }
        .figures .card b { display: block; font-size: 24px; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; } .figures .card span { color: var(--soft); font-size: 13px; }
        .figures .first b { color: var(--accent); }
        .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 14px; align-items: start; }
        figcaption { font-weight: 600; margin-bottom: 6px; } figure { margin: 0; } svg { width: 100%; height: auto; display: block; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--soft); margin-top: 6px; }
        .legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin-right: 6px; vertical-align: middle; }
        .b0 { background: var(--c0); } .b1 { background: var(--c1); } .b2 { background: var(--c2); } .b3 { background: var(--c3); } .b4 { background: var(--c4); } .b5 { background: var(--c5); } .b6 { background: var(--c6); } .b7 { background: var(--c7); }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; } th { text-align: left; font-weight: 600; color: var(--soft); white-space: nowrap; }
        th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; } td.n, th.n { text-align: right; } tr:last-child td { border-bottom: 0; } table.full { width: 100%; }
        tr.best td { color: var(--accent); font-weight: 600; }
        table.matrix td, table.matrix th { border: 1px solid var(--card); padding: 5px 8px; text-align: center; min-width: 40px; } table.matrix th.row { text-align: right; padding-right: 10px; max-width: 200px; overflow: hidden; text-overflow: ellipsis; }
        table.matrix th.top { vertical-align: bottom; max-width: 90px; overflow: hidden; text-overflow: ellipsis; } td.hot { color: #fff; } .note { border-left: 3px solid var(--accent); padding: 2px 0 2px 12px; margin: 8px 0; }
        .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 3px 10px; align-items: center; font-size: 13px; font-variant-numeric: tabular-nums; }
        .bars .track { display: flex; flex-direction: column; gap: 2px; } .bars .bar { height: 8px; border-radius: 3px; min-width: 1px; }
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); gap: 14px; } .pictures figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
        .pictures.many { grid-template-columns: repeat(auto-fill, minmax(min(100%, 170px), 1fr)); }
        .pictures .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; } .pictures .pair.one { grid-template-columns: 1fr; } .pictures img { width: 100%; display: block; background: #000; }
        .pictures .pair.small img { image-rendering: pixelated; } .pictures figcaption { padding: 8px 12px 10px; font-weight: 400; font-size: 13px; margin: 0; overflow-wrap: anywhere; } .pictures .tags { display: grid; grid-template-columns: 1fr 1fr; font-size: 12px; color: var(--soft); padding: 5px 12px 0; }
        .right { color: var(--good); } .wrong { color: var(--bad); }
        details { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 10px 16px; } summary { cursor: pointer; font-weight: 600; } pre { overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; margin: 10px 0 4px; }
        footer { margin-top: 44px; color: var(--soft); font-size: 13px; } @media print { body { background: #fff; } .card, figure, details { break-inside: avoid; } }
        """;
}
