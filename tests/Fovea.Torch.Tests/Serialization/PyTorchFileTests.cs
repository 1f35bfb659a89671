using Fovea.Tests;
using Fovea.Torch.Serialization;

namespace Fovea.Torch.Tests.Serialization;

/// <summary>Files made live by torch.save, in its archive format and in its older one.</summary>
public sealed class PyTorchFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fovea-pth-").FullName;

    public static TheoryData<string> Formats => ["True", "False"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Reads_every_element_type_in_order(string zip)
    {
        using var file = Open("""
            sd = OrderedDict()
            for name in ['uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64', 'bool', 'bfloat16']:
                sd[name] = (torch.arange(-3, 3).reshape(2, 3) * 1.5).to(getattr(torch, name))
            sd['scalar'] = torch.tensor(7)
            sd['empty'] = torch.zeros(0, 4)
            sd._metadata = {'': {'version': 1}}
            save(sd)
            """, zip);
        Assert.Equal(zip == "True" ? WeightsFormat.PyTorchZip : WeightsFormat.PyTorchPickle, file.Format);
        Assert.Equal(["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool", "bfloat16", "scalar", "empty"], file.Tensors.Keys);
        Assert.Equal([252, 253, 255, 0, 1, 3], file.Tensors["uint8"].ToArray<byte>());
        Assert.Equal([-4, -3, -1, 0, 1, 3], file.Tensors["int8"].ToArray<sbyte>());
        Assert.Equal([-4, -3, -1, 0, 1, 3], file.Tensors["int16"].ToArray<short>());
        Assert.Equal([-4, -3, -1, 0, 1, 3], file.Tensors["int32"].ToArray<int>());
        Assert.Equal([-4, -3, -1, 0, 1, 3], file.Tensors["int64"].ToArray<long>());
        Assert.Equal([(Half)(-4.5), (Half)(-3), (Half)(-1.5), (Half)0, (Half)1.5, (Half)3], file.Tensors["float16"].ToArray<Half>());
        Assert.Equal([-4.5f, -3, -1.5f, 0, 1.5f, 3], file.Tensors["float32"].ToArray<float>());
        Assert.Equal([-4.5, -3, -1.5, 0, 1.5, 3], file.Tensors["float64"].ToArray<double>());
        Assert.Equal([true, true, true, false, true, true], file.Tensors["bool"].ToArray<bool>());
        var bfloat16 = new byte[12];
        file.Tensors["bfloat16"].CopyTo(bfloat16);
        Assert.Equal([0x90, 0xc0, 0x40, 0xc0, 0xc0, 0xbf, 0, 0, 0xc0, 0x3f, 0x40, 0x40], bfloat16);
        Assert.Equal("Int64[]", file.Tensors["scalar"].ToString());
        Assert.Equal("Float32[0, 4]", file.Tensors["empty"].ToString());
        Assert.All(file.Tensors.Values.SkipLast(2), tensor => Assert.Equal([2, 3], tensor.Shape));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Reads_views_that_share_a_storage(string zip)
    {
        using var file = Open("""
            base = torch.arange(24.)
            sd = {'base': base, 'part': base[5:9], 'transposed': base.reshape(4, 6).t(), 'column': base.reshape(4, 6)[:, 2],
                  'permuted': base.reshape(2, 3, 4).permute(2, 0, 1), 'expanded': base[3:4].expand(5),
                  'channels_last': base.reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
                  'bytes': torch.arange(6, dtype=torch.uint8).reshape(2, 3).t(), 'doubles': torch.arange(6.).double().reshape(2, 3).t()}
            save(sd)
            """, zip);
        float[] all = [.. Enumerable.Range(0, 24).Select(i => (float)i)];
        Assert.Equal(all, file.Tensors["base"].ToArray<float>());
        Assert.Equal([5, 6, 7, 8], file.Tensors["part"].ToArray<float>());
        Assert.Equal([6, 4], file.Tensors["transposed"].Shape);
        Assert.Equal([.. Enumerable.Range(0, 24).Select(i => (float)(i % 4 * 6 + i / 4))], file.Tensors["transposed"].ToArray<float>());
        Assert.Equal([2, 8, 14, 20], file.Tensors["column"].ToArray<float>());
        Assert.Equal([.. Enumerable.Range(0, 24).Select(i => (float)(i / 6 + i % 6 * 4))], file.Tensors["permuted"].ToArray<float>());
        Assert.Equal([3, 3, 3, 3, 3], file.Tensors["expanded"].ToArray<float>());
        Assert.Equal(all, file.Tensors["channels_last"].ToArray<float>());
        Assert.Equal([0, 3, 1, 4, 2, 5], file.Tensors["bytes"].ToArray<byte>());
        Assert.Equal([0, 3, 1, 4, 2, 5], file.Tensors["doubles"].ToArray<double>());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Finds_the_state_dict_of_a_network_among_other_things(string zip)
    {
        using var file = Open("""
            import argparse, pathlib, collections
            net = torch.nn.DataParallel(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)))
            opt = torch.optim.Adam(net.parameters()); net(torch.ones(4, 2)).sum().backward(); opt.step()
            save({'epoch': 12, 'best': np.float64(0.5), 'name': 'é', 'lr': 0.25, 'done': True, 'none': None,
                  'args': argparse.Namespace(lr=0.1), 'out': pathlib.Path('/tmp'), 'seen': collections.defaultdict(list, {'a': [1]}), 'set': {1, 2},
                  'array': np.arange(3), 'optimizer': opt.state_dict(), 'size': torch.Size([1, 2]), 'device': torch.device('cpu'), 'dtype': torch.float32,
                  'state_dict': net.state_dict(), 'big': 2 ** 100})
            """, zip);
        Assert.Equal(["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"], file.Tensors.Keys);
        Assert.Equal("module.", file.StrippedPrefix);
        Assert.Equal("state_dict", file.Section);
        Assert.Equal("12", file.Metadata["epoch"]);
        Assert.Equal("é", file.Metadata["name"]);
        Assert.Equal("0.25", file.Metadata["lr"]);
    }

    [Fact]
    public void Reads_parameters_and_names_what_it_leaves_out()
    {
        using var file = Open("""
            p = torch.nn.Parameter(torch.ones(2)); q = torch.nn.Parameter(torch.ones(1)); q.note = 'x'
            t = torch.zeros(1); t.note = 'y'
            save({'p': p, 'q': q, 't': t, '_extra_state': None, 5: torch.ones(1)})
            """);
        Assert.Equal(["p", "q", "t"], file.Tensors.Keys);
        Assert.Equal(["_extra_state"], file.LeftOut);
    }

    [Fact]
    public void A_section_can_be_chosen_by_name()
    {
        const string Code = "save({'student': {'w': torch.zeros(1)}, 'teacher': {'net': {'w': torch.ones(1)}}})";
        var path = Make(Code);
        using var file = WeightsFile.Open(path, "teacher.net");
        Assert.Equal([1f], file.Tensors["w"].ToArray<float>());
        Assert.Contains("student, teacher", Assert.Throws<DataException>(() => WeightsFile.Open(path, "tutor")).Message, StringComparison.Ordinal);
        using var only = WeightsFile.Open(path);
        Assert.Equal("student", only.Section);
        var error = Assert.Throws<DataException>(() => Open("save({'a': {'w': torch.zeros(1)}, 'b': {'w': torch.zeros(1)}})"));
        Assert.Contains("choose the section", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Refuses_to_run_anything_and_names_it(string zip)
    {
        var proof = Path.Combine(folder, "proof");
        var error = Assert.Throws<DataException>(() => Open($$"""
            import os
            class Evil:
                def __reduce__(self): return (os.system, ('touch {{proof}}',))
            save({'state_dict': {'w': torch.zeros(1)}, 'x': Evil()})
            """, zip));
        Assert.Contains("'posix.system'", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(proof));
    }

    [Theory]
    [InlineData("cos\nsystem\n(S'true'\ntR.", "os.system")]
    [InlineData("(S'true'\nios\nsystem\n.", "os.system")]
    [InlineData("(cbuiltins\neval\nS'1'\no.", "builtins.eval")]
    [InlineData("\u0080\u0004\u008c\u0002os\u008c\u0006system\u0093\u008c\u0004true\u0085R.", "os.system")]
    [InlineData("\u0080\u0002ctorch.hub\nload\n.", "torch.hub.load")]
    [InlineData("\u0080\u0002ctorch._utils\n_rebuild_tensor_v2.__globals__\n.", "torch._utils._rebuild_tensor_v2.__globals__")]
    [InlineData("\u0080\u0002cbuiltins\ngetattr\n.", "builtins.getattr")]
    [InlineData("\u0080\u0002c__torch__.torch.nn\nLinear\n.", "state_dict()")]
    public void Refuses_hand_made_pickles_by_name(string pickle, string name)
    {
        var path = Path.Combine(folder, "evil.pth");
        File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(pickle));
        Assert.Contains(name, Assert.Throws<DataException>(() => WeightsFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_whole_pickled_network_with_the_remedy()
    {
        var error = Assert.Throws<DataException>(() => Open("save(torch.nn.Linear(1, 1))"));
        Assert.Contains("'torch.nn.modules.linear.Linear'", error.Message, StringComparison.Ordinal);
        Assert.Contains("state_dict()", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torch.jit.script(torch.nn.Linear(1, 1)).save(path)", "TorchScript")]
    [InlineData("save(torch.sparse_coo_tensor(torch.zeros(1, 1).long(), torch.ones(1)))", "_rebuild_sparse_tensor")]
    [InlineData("save(5)", "5")]
    [InlineData("save({'epoch': 5})", "epoch")]
    [InlineData("save([torch.ones(1)])", "a list")]
    [InlineData("import zipfile; z = zipfile.ZipFile(path, 'w'); z.writestr('a.txt', 'x'); z.close()", "data.pkl")]
    [InlineData("import tarfile; t = tarfile.open(path, 'w'); t.add('/etc/hostname'); t.close()", "tar archive")]
    [InlineData("save({'w': torch.zeros(1, dtype=torch.complex64)})", "torch.ComplexFloatStorage")]
    public void Refuses_what_is_no_state_dict(string code, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<DataException>(() => Open(code)).Message, StringComparison.Ordinal);

    [Fact]
    public void Reads_an_archive_that_was_packed_again_with_compression()
    {
        using var file = Open("""
            import zipfile
            save({'w': torch.arange(1000.)})
            source = zipfile.ZipFile(path); entries = [(i.filename, source.read(i)) for i in source.infolist()]
            with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as target:
                for name, data in entries: target.writestr(name, data)
            """);
        Assert.Equal(999, file.Tensors["w"].ToArray<float>()[999]);
    }

    [Theory]
    [InlineData("entries['archive/data/0'] = entries['archive/data/0'][:-4]", "storage 0")]
    [InlineData("del entries['archive/data/0']", "data/0")]
    [InlineData("entries['archive/byteorder'] = b'big'", "big-endian")]
    [InlineData("entries['archive/data.pkl'] = entries['archive/data.pkl'][:-9]", "truncated")]
    [InlineData("entries['archive/data.pkl'] = entries['archive/data.pkl'].replace(b'K\\x0c\\x85', b'K\\x0d\\x85')", "w")]
    public void Refuses_archives_whose_parts_disagree(string change, string mentions)
    {
        var error = Assert.Throws<DataException>(() => Open($$"""
            import zipfile
            save({'w': torch.arange(12.)})
            source = zipfile.ZipFile(path); entries = {'archive/' + i.filename.split('/', 1)[1]: source.read(i) for i in source.infolist()}
            {{change}}
            with zipfile.ZipFile(path, 'w') as target:
                for name, data in entries.items(): target.writestr(name, data)
            """));
        Assert.Contains(mentions, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_flipped_byte_and_every_truncation_is_read_or_refused(string zip)
    {
        var path = Make("save({'state_dict': OrderedDict(w=torch.ones(3), b=torch.ones(2, 2).t(), n=torch.tensor(1)), 'epoch': 3})", zip);
        var refused = 0;
        var good = File.ReadAllBytes(path);
        foreach (var broken in Damage.Of(good, stride: 4))
        {
            File.WriteAllBytes(path, broken);
            refused += Damage.OpensOrRefuses(path) ? 0 : 1;
        }

        Assert.True(refused > good.Length / 4);
    }

    [Fact]
    public void Checksums_agree_with_zlib()
    {
        var bytes = new byte[100_003];
        new Random(3).NextBytes(bytes);
        int[] lengths = [0, 1, 15, 16, 63, 64, 127, 128, 129, 191, 192, 1000, 100_003];
        var reference = PythonReference.Run("import zlib; out['crc'] = np.array([zlib.crc32(data[:n].tobytes()) for n in lengths])", ("data", bytes), ("lengths", lengths));
        Assert.Equal(reference.Longs("crc"), lengths.Select(length => (long)Crc32.Append(0, bytes.AsSpan(0, length))));
        Assert.Equal(Crc32.Append(0, bytes), Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, 777)), bytes.AsSpan(777)));
    }

    private WeightsFile Open(string code, string zip = "True") => WeightsFile.Open(Make(code, zip));

    private string Make(string code, string zip = "True")
    {
        var path = Path.Combine(folder, "file.pth");
        PythonReference.Run($"""
            import torch
            from collections import OrderedDict
            path = '{path}'
            def save(value): torch.save(value, path, _use_new_zipfile_serialization={zip})
            {code}
            """);
        return path;
    }
}
