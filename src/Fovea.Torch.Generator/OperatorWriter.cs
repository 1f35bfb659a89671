using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Fovea.Torch.Generator;

/// <summary>Writes the C# method of one operator: marshals the arguments into native values and wraps the results.</summary>
internal sealed class OperatorWriter
{
    // Always left to libtorch: strided layout, pageable memory, the default generator.
    private static readonly HashSet<string> Omitted = new HashSet<string> { "Layout?", "Generator?" };

    private static readonly HashSet<string> Keywords = new HashSet<string>
    {
        "self", "in", "out", "ref", "float", "double", "int", "long", "params", "base", "is", "as", "string", "bool", "default", "checked", "fixed", "implicit", "explicit", "operator",
    };

    private static readonly char[] Underscore = { '_' };

    private readonly Schema schema;
    private readonly List<Schema.Argument> parameters;

    public OperatorWriter(Schema schema)
    {
        this.schema = schema;
        parameters = schema.Arguments.Where(a => !IsOmitted(a)).ToList();
        IsInstance = parameters.Count > 0 && parameters[0].Name == "self" && parameters[0].Type == "Tensor";
    }

    /// <summary>Whether this is a method of Tensor; otherwise it is a static method of Aten.</summary>
    public bool IsInstance { get; }

    /// <summary>Name and parameter types, unique among the methods of a class.</summary>
    public string Signature => MethodName + "(" + string.Join(",", Visible.Select(p => CSharpType(p.Type))) + ")";

    private IEnumerable<Schema.Argument> Visible => IsInstance ? parameters.Skip(1) : parameters;

    private string MethodName => Pascal(schema.Name.Substring(schema.Name.IndexOf("::", StringComparison.Ordinal) + 2));

    private string HandleField => "op_" + schema.Name.Replace("::", "_") + "_" + schema.Overload;

    public string Write()
    {
        var text = new StringBuilder();
        text.Append("    private static nint ").Append(HandleField).AppendLine(";");
        text.AppendLine();
        text.Append("    /// <summary><c>").Append(schema.Text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")).AppendLine("</c></summary>");
        text.Append("    public ").Append(IsInstance ? "" : "static ").Append("unsafe ").Append(ReturnType()).Append(' ').Append(MethodName).Append('(');
        text.Append(string.Join(", ", Declarations())).AppendLine(")");
        text.AppendLine("    {");
        if (schema.IsWidened)
            WriteWidened(text);
        WriteBody(text);
        text.AppendLine("    }");
        text.AppendLine();
        return text.ToString();
    }

    private static bool IsOmitted(Schema.Argument argument) => Omitted.Contains(argument.Type) || argument.Name == "pin_memory";

    private IEnumerable<string> Declarations()
    {
        var visible = Visible.ToList();
        var lastRequired = visible.FindLastIndex(p => p.Default is null);
        for (var i = 0; i < visible.Count; i++)
        {
            var type = CSharpType(visible[i].Type, visible[i].Default);
            var value = i > lastRequired ? " = " + DefaultOf(visible[i]) : "";
            yield return type + " " + Local(visible[i].Name) + value;
        }
    }

    // Half precisions on the processor: the same operator in single precision, whose result becomes what the input was.
    private void WriteWidened(StringBuilder text)
    {
        var input = IsInstance ? "this" : Local(parameters[0].Name);
        var given = parameters.Select(p => p.Type.StartsWith("Tensor", StringComparison.Ordinal)
            ? "Nn.Widened.Single(" + (IsInstance && p == parameters[0] ? "this" : Local(p.Name)) + ")"
            : Local(p.Name)).ToList();
        text.Append("        if (Nn.Widened.Applies(").Append(input).AppendLine("))");
        text.AppendLine("        {");
        text.AppendLine("            using var wide = new TensorScope();");
        var call = (IsInstance ? given[0] + "." : "") + MethodName + "(" + string.Join(", ", IsInstance ? given.Skip(1) : given) + ")";
        text.Append("            var found = ").Append(call).AppendLine(";");
        var results = schema.Results.Count == 1 ? new[] { "found" } : schema.Results.Select((_, i) => "found.Item" + (i + 1)).ToArray();
        var kept = string.Join(", ", results.Select(r => "wide.Keep(Nn.Widened.Narrow(" + r + ", " + input + ".Dtype))"));
        text.Append("            return ").Append(results.Length == 1 ? kept : "(" + kept + ")").AppendLine(";");
        text.AppendLine("        }");
        text.AppendLine();
    }

    private void WriteBody(StringBuilder text)
    {
        var count = schema.Arguments.Count;
        var results = Math.Max(1, schema.Results.Count);
        var fixedLines = new List<string>();
        var lines = new List<string>();
        for (var i = 0; i < count; i++)
            WriteArgument(schema.Arguments[i], i, fixedLines, lines);
        text.Append("        var a = stackalloc Native.NativeValue[").Append(Math.Max(1, count)).AppendLine("];");
        text.Append("        var r = stackalloc Native.NativeValue[").Append(results).AppendLine("];");
        foreach (var line in lines)
            text.Append("        ").AppendLine(line);
        foreach (var line in fixedLines)
            text.Append("        ").AppendLine(line);
        text.AppendLine("        {");
        foreach (var line in pinned)
            text.Append("            ").AppendLine(line);
        text.Append("            Native.Dispatcher.Call(ref ").Append(HandleField).Append(", \"").Append(schema.Name).Append("\", \"").Append(schema.Overload)
            .Append("\", a, ").Append(count).Append(", r, ").Append(results).AppendLine(");");
        text.AppendLine("        }");
        text.AppendLine();
        foreach (var argument in parameters.Where(p => p.Type.StartsWith("Tensor", StringComparison.Ordinal)))
            text.Append("        GC.KeepAlive(").Append(IsInstance && argument == parameters[0] ? "this" : Local(argument.Name)).AppendLine(");");
        WriteReturn(text);
    }

    private readonly List<string> pinned = new List<string>();

    private void WriteArgument(Schema.Argument argument, int index, List<string> fixedLines, List<string> lines)
    {
        var slot = "a[" + index + "]";
        if (IsOmitted(argument))
        {
            lines.Add(slot + " = Native.NativeValue.None;");
            return;
        }

        var local = IsInstance && index == 0 ? "this" : Local(argument.Name);
        var fallback = argument.Default is null ? "Native.NativeValue.None" : "Native.NativeValue.Default";
        switch (argument.Type)
        {
            case "int[]":
            case "bool[]":
                Pin(index, "long", argument.Type == "bool[]" ? "bool" : "long", local, fixedLines);
                pinned.Add(argument.Default is null
                    ? slot + " = Native.NativeValue.List(Native.ValueKind." + Kind(argument.Type) + ", p" + index + ", " + local + ".Length);"
                    : slot + " = " + local + " == default ? Native.NativeValue.Default : Native.NativeValue.List(Native.ValueKind." + Kind(argument.Type) + ", p" + index + ", " + local + ".Length);");
                break;
            case "float[]":
                Pin(index, "double", "double", local, fixedLines);
                pinned.Add(slot + " = Native.NativeValue.List(Native.ValueKind.DoubleList, p" + index + ", " + local + ".Length);");
                break;
            case "int[]?":
            case "float[]?":
                Pin(index, "", argument.Type == "int[]?" ? "long" : "double", local, fixedLines);
                pinned.Add(slot + " = " + local + " is null ? " + fallback + " : Native.NativeValue.List(Native.ValueKind." + Kind(argument.Type.TrimEnd('?')) + ", p" + index + ", " + local + ".Length);");
                break;
            case "Tensor[]":
            case "Tensor?[]":
                lines.Add("var h" + index + " = " + local + ".Count <= 64 ? stackalloc nint[64] : new nint[" + local + ".Count];");
                lines.Add("Native.NativeValue.Gather(" + local + ", h" + index + ");");
                fixedLines.Add("fixed (nint* p" + index + " = h" + index + ")");
                pinned.Add(slot + " = Native.NativeValue.List(Native.ValueKind." + Kind(argument.Type) + ", p" + index + ", " + local + ".Count);");
                break;
            case "str":
            case "str?":
                lines.Add("var s" + index + " = " + local + " is null ? null : System.Text.Encoding.UTF8.GetBytes(" + local + " + \"\\0\");");
                fixedLines.Add("fixed (byte* p" + index + " = s" + index + ")");
                pinned.Add(slot + " = s" + index + " is null ? " + fallback + " : Native.NativeValue.List(Native.ValueKind.String, p" + index + ", s" + index + ".Length - 1);");
                break;
            default:
                lines.Add(slot + " = " + (CSharpType(argument.Type, argument.Default).EndsWith("?", StringComparison.Ordinal)
                    ? local + " is { } v" + index + " ? Native.NativeValue.Of(v" + index + ") : " + fallback + ";"
                    : "Native.NativeValue.Of(" + local + ");"));
                break;
        }
    }

    private static void Pin(int index, string _, string element, string local, List<string> fixedLines) =>
        fixedLines.Add("fixed (" + element + "* p" + index + " = " + local + ")");

    private static string Kind(string type)
    {
        switch (type)
        {
            case "int[]": return "IntList";
            case "bool[]": return "BoolList";
            case "float[]": return "DoubleList";
            case "Tensor[]": return "TensorList";
            default: return "OptionalTensorList";
        }
    }

    private void WriteReturn(StringBuilder text)
    {
        if (schema.IsInPlace && IsInstance && schema.Results.Count == 1)
        {
            text.AppendLine("        r[0].Release();");
            text.AppendLine("        return this;");
        }
        else if (schema.Results.Count == 1)
        {
            text.Append("        return ").Append(Wrap(schema.Results[0].Type, 0)).AppendLine(";");
        }
        else if (schema.Results.Count > 1)
        {
            text.Append("        return (").Append(string.Join(", ", schema.Results.Select((r, i) => Wrap(r.Type, i)))).AppendLine(");");
        }
    }

    private static string Wrap(string type, int index)
    {
        switch (type)
        {
            case "Tensor": return "r[" + index + "].TakeTensor()";
            case "Tensor[]": return "r[" + index + "].TakeTensors()";
            case "int": return "r[" + index + "].Integer";
            case "bool": return "r[" + index + "].Integer != 0";
            case "float": return "r[" + index + "].Real";
            default: throw new FormatException("result type not understood: " + type);
        }
    }

    private string ReturnType()
    {
        if (schema.Results.Count == 0)
            return "void";
        if (schema.Results.Count == 1)
            return ResultType(schema.Results[0].Type);
        return "(" + string.Join(", ", schema.Results.Select(r => ResultType(r.Type) + (r.Name.Length > 0 ? " " + Pascal(r.Name) : ""))) + ")";
    }

    private static string ResultType(string type)
    {
        switch (type)
        {
            case "int": return "long";
            case "float": return "double";
            default: return type;
        }
    }

    private static string CSharpType(string type, string? defaultValue = null)
    {
        switch (type)
        {
            case "int": return "long";
            case "int?": return "long?";
            case "float": return "double";
            case "float?": return "double?";
            case "int[]": return "ReadOnlySpan<long>";
            case "bool[]": return "ReadOnlySpan<bool>";
            case "float[]": return "ReadOnlySpan<double>";
            case "int[]?": return "long[]?";
            case "float[]?": return "double[]?";
            case "Tensor[]": return "IReadOnlyList<Tensor>";
            case "Tensor?[]": return "IReadOnlyList<Tensor?>";
            case "str": return "string";
            case "str?": return "string?";
            case "ScalarType": return "Dtype";
            case "ScalarType?": return "Dtype?";
            case "Scalar": return defaultValue is null ? "Scalar" : "Scalar?";
            case "MemoryFormat": return defaultValue is null ? "MemoryFormat" : "MemoryFormat?";
            case "Tensor":
            case "Tensor?":
            case "Scalar?":
            case "bool":
            case "bool?":
            case "Device":
            case "Device?":
            case "MemoryFormat?":
                return type;
            default:
                throw new FormatException("argument type not understood: " + type);
        }
    }

    private static string DefaultOf(Schema.Argument argument)
    {
        switch (argument.Type)
        {
            case "int":
                return argument.Default == "Mean" ? "1" : argument.Default!;
            case "bool":
                return argument.Default == "True" ? "true" : "false";
            case "float":
                return argument.Default!.TrimEnd('.');
            case "str":
                return argument.Default!.Replace('\'', '"');
            case "int[]":
            case "bool[]":
            case "float[]":
                return "default";
            case "int?":
                return argument.Default == "None" ? "null" : argument.Default!;
            default:
                return "null";
        }
    }

    private static string Local(string name)
    {
        var camel = Pascal(name);
        camel = char.ToLowerInvariant(camel[0]) + camel.Substring(1);
        return Keywords.Contains(camel) || camel == "a" || camel == "r" ? "@" + camel + (camel == "a" || camel == "r" ? "0" : "") : camel;
    }

    private static string Pascal(string name)
    {
        var parts = name.TrimEnd('_').Split(Underscore, StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Concat(parts.Select(p => char.ToUpperInvariant(p[0]) + p.Substring(1)));
        return name.EndsWith("_", StringComparison.Ordinal) ? joined + "InPlace" : joined;
    }
}
