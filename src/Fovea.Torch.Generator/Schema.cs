using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Fovea.Torch.Generator;

/// <summary>One schema line such as <c>aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor</c>.</summary>
internal sealed class Schema
{
    private const string WideMark = "# wide";

    private static readonly Regex Line = new Regex(@"^(?<name>[\w:]+?)(\.(?<overload>\w+))?\((?<args>.*)\) -> (?<returns>.*)$");
    private static readonly Regex Alias = new Regex(@"\((\w[^()]*)\)");

    public string Text { get; private set; } = "";

    public string Name { get; private set; } = "";

    public string Overload { get; private set; } = "";

    public IReadOnlyList<Argument> Arguments { get; private set; } = Array.Empty<Argument>();

    public IReadOnlyList<Result> Results { get; private set; } = Array.Empty<Result>();

    /// <summary>Whether the line ends with the mark <c># wide</c>: the processor's kernel is wrong or absent in half precisions.</summary>
    public bool IsWidened { get; private set; }

    public bool IsInPlace => Name.EndsWith("_", StringComparison.Ordinal);

    public static Schema? Parse(string text)
    {
        var isWidened = text.EndsWith(WideMark, StringComparison.Ordinal);
        text = isWidened ? text.Substring(0, text.Length - WideMark.Length) : text;
        var match = Line.Match(text.Trim());
        if (!match.Success)
            return null;
        return new Schema
        {
            Text = text.Trim(),
            IsWidened = isWidened,
            Name = match.Groups["name"].Value,
            Overload = match.Groups["overload"].Value,
            Arguments = Split(match.Groups["args"].Value).Where(a => a != "*").Select(Argument.Parse).ToList(),
            Results = ParseResults(match.Groups["returns"].Value),
        };
    }

    private static IReadOnlyList<Result> ParseResults(string text)
    {
        text = Alias.Replace(text, m => m.Groups[1].Value.Contains("Tensor") ? m.Value : "").Trim();
        if (text == "()")
            return Array.Empty<Result>();
        if (text.StartsWith("(", StringComparison.Ordinal))
            text = text.Substring(1, text.Length - 2);
        return Split(text).Select(r => r.Split(' ')).Select(p => new Result(p[0], p.Length > 1 ? p[1] : "")).ToList();
    }

    private static IEnumerable<string> Split(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(' || text[i] == '[')
                depth++;
            else if (text[i] == ')' || text[i] == ']')
                depth--;
            else if (text[i] == ',' && depth == 0)
            {
                yield return text.Substring(start, i - start).Trim();
                start = i + 1;
            }
        }

        if (start < text.Length)
            yield return text.Substring(start).Trim();
    }

    internal sealed class Argument
    {
        private static readonly Regex Form = new Regex(@"^(?<type>\w+(\[\w*\]|\?)*) (?<name>\w+)(=(?<default>.*))?$");
        private static readonly Regex AliasMark = new Regex(@"\([^)]*\)");

        public string Type { get; private set; } = "";

        public string Name { get; private set; } = "";

        public string? Default { get; private set; }

        public static Argument Parse(string text)
        {
            var match = Form.Match(AliasMark.Replace(text, ""));
            if (!match.Success)
                throw new FormatException("argument not understood: " + text);
            return new Argument
            {
                Type = Regex.Replace(match.Groups["type"].Value, @"\[\d+\]", "[]"),
                Name = match.Groups["name"].Value,
                Default = match.Groups["default"].Success ? match.Groups["default"].Value : null,
            };
        }
    }

    internal sealed class Result
    {
        public Result(string type, string name)
        {
            Type = type;
            Name = name;
        }

        public string Type { get; }

        public string Name { get; }
    }
}
