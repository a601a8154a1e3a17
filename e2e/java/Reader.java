import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads YAML sources into maps, with the libraries that Kestra reads flows with. In and out go texts
 * behind their length in bytes; what goes out is JSON: the top-level keys, each with its value as
 * text, or null where the source cannot be read.
 */
public final class Reader {
    public static void main(String[] arguments) throws IOException {
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        ObjectMapper json = new ObjectMapper();
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        while (true) {
            byte[] source;
            try {
                source = new byte[in.readInt()];
            } catch (EOFException end) {
                return;
            }
            in.readFully(source);
            byte[] answer = json.writeValueAsBytes(read(yaml, source));
            out.writeInt(answer.length);
            out.write(answer);
            out.flush();
        }
    }

    private static Map<String, String> read(ObjectMapper yaml, byte[] source) {
        Map<?, ?> found;
        try {
            found = yaml.readValue(new String(source, StandardCharsets.UTF_8), LinkedHashMap.class);
        } catch (IOException | RuntimeException unreadable) {
            return null;
        }
        if (found == null) {
            return null;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        found.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
        return texts;
    }
}
