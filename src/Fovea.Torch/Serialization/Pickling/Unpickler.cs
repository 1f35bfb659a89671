using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Fovea.Torch.Serialization.Pickling;

/// <summary>
/// The stack machine of Python's pickle (protocols 0 to 5), restricted: it builds numbers, texts, plain containers and
/// descriptions of tensors, and refuses every name that is not in <see cref="PickleGlobals"/>.
/// </summary>
internal sealed class Unpickler
{
    private const int MaxDigits = 400;

    private readonly string file;
    private readonly ByteSource source;
    private readonly Func<PickleTuple, PickleStorage> loadStorage;
    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = new();
    private readonly Dictionary<long, object?> memo = [];
    private long position;

    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="position">Where the pickle starts.</param>
    /// <param name="loadStorage">Makes a storage of its persistent id.</param>
    public Unpickler(string file, ByteSource source, long position, Func<PickleTuple, PickleStorage> loadStorage)
    {
        this.file = file;
        this.source = source;
        this.position = position;
        this.loadStorage = loadStorage;
    }

    /// <summary>Where the pickle ended.</summary>
    public long Position => position;

    /// <summary>Runs to the STOP opcode and returns the object on top of the stack.</summary>
    /// <exception cref="DataException">The pickle is damaged or names what is not allowed.</exception>
    public object? Load()
    {
        while (true)
        {
            var opcode = Take(1)[0];
            if (opcode == '.')
                return Pop();
            if (!LoadNumber(opcode) && !LoadText(opcode) && !LoadContainer(opcode) && !LoadMemo(opcode))
                LoadObject(opcode);
        }
    }

    private bool LoadNumber(byte opcode)
    {
        object? value;
        switch (opcode)
        {
            case (byte)'N': value = null; break;
            case 0x88: value = true; break;
            case 0x89: value = false; break;
            case (byte)'J': value = (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)); break;
            case (byte)'K': value = (long)Take(1)[0]; break;
            case (byte)'M': value = (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)); break;
            case (byte)'G': value = BinaryPrimitives.ReadDoubleBigEndian(Take(8)); break;
            case 0x8a: value = Integer(Take(Take(1)[0])); break;
            case 0x8b: value = Integer(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))); break;
            case (byte)'I' or (byte)'L': value = TextInteger(Line()); break;
            case (byte)'F':
                value = double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Damaged("a text that is no number");
                break;
            default: return false;
        }

        stack.Add(value);
        return true;
    }

    private bool LoadText(byte opcode)
    {
        object? value;
        switch (opcode)
        {
            case (byte)'X': value = Text(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))); break;
            case 0x8c: value = Text(Take(1)[0]); break;
            case 0x8d: value = Text(Length64()); break;
            case (byte)'U': value = Text(Take(1)[0]); break;
            case (byte)'T': value = Text(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case (byte)'V': value = Line(); break;
            case (byte)'S': value = Line().Trim('\'', '"'); break;
            case (byte)'B': value = Take(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))).ToArray(); break;
            case (byte)'C': value = Take(Take(1)[0]).ToArray(); break;
            case 0x8e or 0x96: value = Take(Length64()).ToArray(); break;
            default: return false;
        }

        stack.Add(value);
        return true;
    }

    private bool LoadContainer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(': marks.Push(stack.Count); break;
            case (byte)')': stack.Add(PickleTuple.Empty); break;
            case (byte)']' or 0x8f: stack.Add(new List<object?>()); break;
            case (byte)'}': stack.Add(new PickleDict()); break;
            case (byte)'t': stack.Add(new PickleTuple(PopToMark())); break;
            case 0x85 or 0x86 or 0x87: stack.Add(new PickleTuple(PopMany(opcode - 0x84))); break;
            case (byte)'l' or 0x91: stack.Add(new List<object?>(PopToMark())); break;
            case (byte)'d':
                var pairs = PopToMark();
                stack.Add(new PickleDict());
                SetItems(pairs);
                break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': stack.Add(Peek()); break;
            default: return false;
        }

        return true;
    }

    private bool LoadMemo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': memo[Take(1)[0]] = Peek(); break;
            case (byte)'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case (byte)'p': memo[TextInteger(Line()) as long? ?? throw Damaged("a memo number that is none")] = Peek(); break;
            case 0x94: memo[memo.Count] = Peek(); break;
            case (byte)'h': stack.Add(Recall(Take(1)[0])); break;
            case (byte)'j': stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case (byte)'g': stack.Add(Recall(TextInteger(Line()) as long? ?? -1)); break;
            default: return false;
        }

        return true;
    }

    private void LoadObject(byte opcode)
    {
        switch (opcode)
        {
            case 0x80:
                if (Take(1)[0] is var protocol and > 5)
                    throw Damaged($"protocol {protocol}");
                break;
            case 0x95: Take(8); break;
            case (byte)'c': stack.Add(Global(Line(), Line())); break;
            case 0x93:
                var name = PopMany(2);
                stack.Add(Global(name[0] as string, name[1] as string));
                break;
            case (byte)'R' or 0x81: Call(Pop()); break;
            case 0x92:
                Pop();
                Call(Pop());
                break;
            case (byte)'i':
                var instance = Global(Line(), Line());
                Call(instance, new PickleTuple(PopToMark()));
                break;
            case (byte)'o':
                var parts = PopToMark();
                Call(parts.Length == 0 ? null : parts[0], new PickleTuple(parts.Length == 0 ? [] : parts[1..]));
                break;
            case (byte)'b': Build(); break;
            case (byte)'Q': stack.Add(loadStorage(Pop() as PickleTuple ?? throw Damaged("a persistent id that is no tuple"))); break;
            default:
                throw Damaged($"opcode 0x{opcode:x2}");
        }
    }

    private PickleGlobal Global(string? module, string? name)
    {
        if (module is null || name is null)
            throw Damaged("a global without a name");
        var full = $"{module}.{name}";
        return PickleGlobals.Find(full) ?? throw new DataException(file, "pickle", $"the name '{full}'", Expectation(module));
    }

    private static string Expectation(string module) =>
        "only tensors and plain containers, because a pickle can run any code; nothing was executed" +
        (module.StartsWith("__torch__", StringComparison.Ordinal)
            ? ". This is a TorchScript archive: save state_dict() of the module instead"
            : ". If this is a whole pickled model that you trust, load it in PyTorch and save its state_dict() instead");

    private void Call(object? arguments) => Call(Pop(), arguments);

    private void Call(object? function, object? arguments)
    {
        if (function is not PickleGlobal { Call: { } call } global || arguments is not PickleTuple tuple)
            throw Damaged($"a call of {PickleArguments.Describe(function)}");
        stack.Add(call(new PickleArguments(file, global.Name, tuple.Items)));
    }

    // The state given to an object: attributes of dicts (PyTorch's _metadata) and of skipped values carry no tensors.
    private void Build()
    {
        Pop();
        if (Peek() is not (PickleDict or PickleOpaque or PickleTensor))
            throw Damaged($"a state for {PickleArguments.Describe(Peek())}");
    }

    private void Append(object?[] values)
    {
        if (Peek() is List<object?> list)
            list.AddRange(values);
        else if (Peek() is not PickleOpaque)
            throw Damaged($"an append to {PickleArguments.Describe(Peek())}");
    }

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Damaged("a key without a value");
        if (Peek() is PickleDict dict)
        {
            for (var i = 0; i < pairs.Length; i += 2)
                dict.Items.Add(new(pairs[i], pairs[i + 1]));
        }
        else if (Peek() is not PickleOpaque)
        {
            throw Damaged($"items for {PickleArguments.Describe(Peek())}");
        }
    }

    private object? Peek() => stack.Count > Floor ? stack[^1] : throw Damaged("an empty stack");

    private object? Pop()
    {
        var top = Peek();
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private object?[] PopMany(int count)
    {
        if (stack.Count - Floor < count)
            throw Damaged("an empty stack");
        object?[] values = [.. stack[^count..]];
        stack.RemoveRange(stack.Count - count, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (!marks.TryPop(out var mark))
            throw Damaged("a missing mark");
        var values = stack.GetRange(mark, stack.Count - mark).ToArray();
        stack.RemoveRange(mark, values.Length);
        return values;
    }

    private int Floor => marks.TryPeek(out var mark) ? mark : 0;

    private object? Recall(long key) => memo.TryGetValue(key, out var value) ? value : throw Damaged($"memo {key}, which was never set");

    private long Length64()
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return length <= long.MaxValue ? (long)length : throw Truncated();
    }

    private string Text(long length)
    {
        var bytes = Take(length);
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private static object Integer(ReadOnlySpan<byte> littleEndian)
    {
        var value = new BigInteger(littleEndian);
        if (value >= long.MinValue && value <= long.MaxValue)
            return (long)value;
        return value;
    }

    private object TextInteger(string text)
    {
        text = text.TrimEnd('L');
        if (text is "01" or "00")
            return text == "01";
        return text.Length <= MaxDigits && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Integer(value.ToByteArray())
            : throw Damaged("a text that is no integer");
    }

    private string Line()
    {
        var window = source.Span(position, (int)Math.Min(source.Length - position, 1 << 20));
        var end = window.IndexOf((byte)'\n');
        if (end < 0)
            throw Truncated();
        position += end + 1;
        return Encoding.UTF8.GetString(window[..end]).TrimEnd('\r');
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > source.Length - position || count > int.MaxValue)
            throw Truncated();
        var bytes = source.Span(position, (int)count);
        position += count;
        return bytes;
    }

    private DataException Truncated() => new(file, $"pickle, byte {position}", "the end of the data", "more of it (the file is truncated or damaged)");

    private DataException Damaged(string found) => new(file, $"pickle, byte {position}", found, "a well-formed pickle (the file is damaged)");
}
