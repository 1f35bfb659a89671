using System.Diagnostics;
using System.Text.Json;

namespace Fovea.Tests;

/// <summary>
/// Runs a Python snippet beside the code under test: named arrays go in as NumPy variables, and whatever the snippet puts
/// into the dictionary <c>out</c> comes back (arrays, torch tensors, numbers; strings as texts). One interpreter serves the
/// whole test run, so that torch is imported once; every snippet has a name space of its own and PyTorch's seed set to 0.
/// </summary>
/// <example><code>
/// var answer = PythonReference.Run("import torchvision; out['iou'] = torchvision.ops.box_iou(T(a), T(b))", ("a", new NdArray(a, 5, 4)), ...);
/// float[] iou = answer.Floats("iou");
/// </code></example>
public sealed class PythonReference
{
    /// <summary>The interpreter: the distribution's own, which sees python3-torchvision, python3-numpy and python3-pil.</summary>
    public static readonly string Interpreter = Environment.GetEnvironmentVariable("FOVEA_PYTHON") ?? "/usr/bin/python3";

    // T(x) makes a torch tensor of an array; TORCH_THREADS follows the machine as the code under test does.
    private const string Server = """
        import json, os, sys, traceback
        import numpy as np
        def T(a):
            import torch
            return torch.from_numpy(np.ascontiguousarray(a))
        replies = os.fdopen(os.dup(1), 'w'); os.dup2(2, 1)
        for line in sys.stdin:
            job = json.loads(line); folder = job['folder']
            try:
                scope = {'np': np, 'T': T, 'out': {}}
                for name in job['inputs']: scope[name] = np.load(os.path.join(folder, name + '.npy'))
                if 'torch' in job['code']:
                    import torch; torch.set_num_threads(os.cpu_count()); torch.manual_seed(0); torch.set_grad_enabled(True)
                exec(compile(job['code'], 'snippet', 'exec'), scope)
                reply = {'arrays': [], 'texts': {}}
                for name, value in scope['out'].items():
                    if isinstance(value, str): reply['texts'][name] = value; continue
                    if hasattr(value, 'detach'): value = value.detach().cpu().contiguous().numpy()
                    value = np.asarray(value)
                    np.save(os.path.join(folder, 'out_' + name + '.npy'), value.copy(order='C')); reply['arrays'].append(name)
            except BaseException:
                reply = {'error': traceback.format_exc()}
            replies.write(json.dumps(reply) + '\n'); replies.flush()
        """;

    private static readonly Lock Gate = new();
    private static Process? server;

    private readonly Dictionary<string, NdArray> arrays;
    private readonly Dictionary<string, string> texts;

    private PythonReference(Dictionary<string, NdArray> arrays, Dictionary<string, string> texts)
    {
        this.arrays = arrays;
        this.texts = texts;
    }

    /// <summary>An array the snippet put into <c>out</c>.</summary>
    public NdArray this[string name] => arrays.TryGetValue(name, out var array) ? array
        : throw new InvalidOperationException($"the snippet put no '{name}' into out; found {string.Join(", ", arrays.Keys)}");

    public float[] Floats(string name) => this[name].To<float>();

    public double[] Doubles(string name) => this[name].To<double>();

    public long[] Longs(string name) => this[name].To<long>();

    public string Text(string name) => texts[name];

    /// <summary>Runs the snippet; a Python exception, a missing interpreter or package fails the test with Python's own words.</summary>
    public static PythonReference Run(string code, params (string Name, NdArray Value)[] inputs)
    {
        var folder = Directory.CreateTempSubdirectory("fovea-python-").FullName;
        try
        {
            foreach (var (name, value) in inputs)
                value.Save(Path.Combine(folder, name + ".npy"));
            using var reply = JsonDocument.Parse(Ask(JsonSerializer.Serialize(new { folder, code, inputs = inputs.Select(input => input.Name) })));
            if (reply.RootElement.TryGetProperty("error", out var error))
                throw new InvalidOperationException($"{Interpreter} failed (parity tests need python3-torchvision, python3-numpy, python3-pil, python3-scipy and python3-sklearn):\n{error.GetString()}");
            return new PythonReference(
                reply.RootElement.GetProperty("arrays").EnumerateArray().Select(name => name.GetString()!)
                    .ToDictionary(name => name, name => NdArray.Load(Path.Combine(folder, $"out_{name}.npy"))),
                reply.RootElement.GetProperty("texts").EnumerateObject().ToDictionary(text => text.Name, text => text.Value.GetString()!));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Ask(string request)
    {
        lock (Gate)
        {
            if (server is null or { HasExited: true })
                server = Start();
            server.StandardInput.WriteLine(request);
            server.StandardInput.Flush();
            return server.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException($"{Interpreter} ended while it ran the snippet (exit code {(server.WaitForExit(5000) ? server.ExitCode : -1)})");
        }
    }

    private static Process Start()
    {
        var start = new ProcessStartInfo(Interpreter) { RedirectStandardInput = true, RedirectStandardOutput = true };
        // The same kernels on both sides, so that what differs is ours.
        if (Fovea.Torch.Processor.HasBFloat16)
            start.Environment.TryAdd("ATEN_CPU_CAPABILITY", "avx512");
        start.ArgumentList.Add("-u");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Server);
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException($"{Interpreter}: {error.Message}; parity tests need it (python3-torchvision), or name another by FOVEA_PYTHON", error);
        }
    }
}
